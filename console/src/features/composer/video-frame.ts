// A picture of a video for the phone that it is sent to: LINE wants one, and the desk has no way to look into a video.
// Where this browser cannot play it, the desk puts a stand-in in its place.

/** LINE takes previews of 1 MB (Messaging API reference, "Video message"). */
const MOST_BYTES = 1_000_000;
/** Of the longer side: phones show no more of it. */
const MOST_PIXELS = 1280;
/** The first frames are often black. */
const LOOK_AT_SECONDS = 1;
const WITHIN_MS = 5_000;
const QUALITIES = [0.85, 0.7, 0.5, 0.3];

export const isVideo = ({ type, name }: { type: string; name: string }): boolean =>
  type.startsWith("video/") || /\.(mp4|m4v|mov)$/i.test(name);

/** As large as it is, or smaller in the same proportions; null for what has no size. */
export function frameSize(width: number, height: number): { width: number; height: number } | null {
  if (!(width >= 1 && height >= 1)) return null;
  const part = Math.min(1, MOST_PIXELS / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * part)), height: Math.max(1, Math.round(height * part)) };
}

/** Never the first moment, and never past the end. */
export const frameAt = (duration: number): number =>
  Number.isFinite(duration) && duration > 0 ? Math.min(LOOK_AT_SECONDS, duration / 2) : 0;

/** The best that is small enough; null where none is. */
export async function smallEnough(encode: (quality: number) => Promise<Blob | null>): Promise<Blob | null> {
  for (const quality of QUALITIES) {
    const made = await encode(quality);
    if (!made) return null;
    if (made.size <= MOST_BYTES) return made;
  }
  return null;
}

/** A JPEG; null where the browser cannot play the file, or not in time. */
export async function videoFrame(file: File): Promise<Blob | null> {
  if (!isVideo(file)) return null;
  const url = URL.createObjectURL(file);
  const video = document.createElement("video");
  const late = AbortSignal.timeout(WITHIN_MS);
  try {
    video.muted = true;
    video.preload = "auto";
    video.src = url;
    await happens(video, "loadeddata", late);
    const seeked = happens(video, "seeked", late);
    video.currentTime = frameAt(video.duration);
    await seeked;
    return await draw(video);
  } catch {
    return null;
  } finally {
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  }
}

function happens(video: HTMLVideoElement, event: "loadeddata" | "seeked", late: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error("the video cannot be looked into"));
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener("error", fail, { once: true });
    if (late.aborted) fail();
    late.addEventListener("abort", fail, { once: true });
  });
}

async function draw(video: HTMLVideoElement): Promise<Blob | null> {
  const size = frameSize(video.videoWidth, video.videoHeight);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (!size || !context) return null;
  Object.assign(canvas, size);
  context.drawImage(video, 0, 0, size.width, size.height);
  return smallEnough((quality) => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality)));
}
