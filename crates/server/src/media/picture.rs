//! Pictures: previews of what came, and what LINE takes of what goes out. Blocking, and bounded: a picture of a few
//! kilobytes may claim to have billions of pixels.

use std::io::{BufRead, Cursor, Seek};

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, RgbImage};

/// The longer side of a preview.
const PREVIEW_PIXELS: u32 = 640;
/// The longer side of what is sent: LINE shows no more.
const SENT_PIXELS: u32 = 4096;
/// Of the sides that a picture claims to have.
const MOST_PIXELS: u32 = 16_384;
/// For a decoded picture: 60 megapixels. One at a time, see [`crate::media::look::Looking`].
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// Of a picture's file; what is larger is no photograph of a phone's.
pub(crate) const FILE_BYTES: u64 = 40 * 1024 * 1024;
const QUALITY: u8 = 82;
/// LINE takes 10 MB of a picture and 1 MB of its preview (LINE Messaging API reference "Image message").
const SENT_BYTES: usize = 10 * 1000 * 1000;
const SENT_PREVIEW_BYTES: usize = 1000 * 1000;

/// A JPEG, upright, without anything that the camera wrote into the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Jpeg {
    pub(crate) bytes: Vec<u8>,
    /// Of the picture that it was made of.
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A small picture of a picture; none where it cannot be read, or is too large for us.
pub(crate) fn preview(file: impl BufRead + Seek) -> Option<Jpeg> {
    let picture = decode(file)?;
    let bytes = fit(&picture, PREVIEW_PIXELS, SENT_PREVIEW_BYTES)?;
    Some(Jpeg { bytes, width: picture.width(), height: picture.height() })
}

/// What LINE takes of a picture, and its preview.
pub(crate) fn sendable(file: impl BufRead + Seek) -> Option<(Jpeg, Vec<u8>)> {
    let picture = decode(file)?;
    let sent = fit(&picture, SENT_PIXELS, SENT_BYTES)?;
    let preview = fit(&picture, PREVIEW_PIXELS, SENT_PREVIEW_BYTES)?;
    Some((Jpeg { bytes: sent, width: picture.width(), height: picture.height() }, preview))
}

/// What stands for a video or sound whose own preview nobody could make: a dark field with a triangle.
pub(crate) fn stand_in() -> Option<Vec<u8>> {
    const WIDTH: u32 = 640;
    const HEIGHT: u32 = 360;
    let field = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let (x, y) = (i64::from(x) - i64::from(WIDTH / 2) + 30, i64::from(y) - i64::from(HEIGHT / 2));
        let is_triangle = (0..=80).contains(&x) && y.abs() * 80 <= (80 - x) * 50;
        image::Rgb(if is_triangle { [0xf5; 3] } else { [0x26, 0x2b, 0x33] })
    });
    encode(&DynamicImage::ImageRgb8(field))
}

fn decode(file: impl BufRead + Seek) -> Option<DynamicImage> {
    let mut reader = ImageReader::new(file).with_guessed_format().ok()?;
    let is_known =
        matches!(reader.format()?, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Gif | ImageFormat::WebP);
    if !is_known {
        return None;
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    if decoder.total_bytes() > MOST_BYTES {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(picture)
}

/// As a JPEG of at most so many pixels a side and so many bytes.
fn fit(picture: &DynamicImage, pixels: u32, bytes: usize) -> Option<Vec<u8>> {
    let mut side = pixels;
    while side >= 64 {
        let is_small = picture.width() <= side && picture.height() <= side;
        let encoded = if is_small { encode(picture)? } else { encode(&picture.thumbnail(side, side))? };
        if encoded.len() <= bytes {
            return Some(encoded);
        }
        side = side * 3 / 4;
    }
    None
}

/// JPEG knows no transparency: what shines through is white.
fn encode(picture: &DynamicImage) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    if picture.color().has_alpha() {
        let layer = picture.to_rgba8();
        let over_white = RgbImage::from_fn(layer.width(), layer.height(), |x, y| {
            let [red, green, blue, alpha] = layer.get_pixel(x, y).0;
            let over = |value: u8| {
                let (value, alpha) = (u16::from(value), u16::from(alpha));
                u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
            };
            image::Rgb([over(red), over(green), over(blue)])
        });
        encoder.encode_image(&over_white).ok()?;
    } else {
        encoder.encode_image(&picture.to_rgb8()).ok()?;
    }
    Some(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgba8(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn size_of(jpeg: &[u8]) -> (u32, u32) {
        let picture = image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap();
        (picture.width(), picture.height())
    }

    #[test]
    fn a_preview_is_small_and_keeps_the_shape() {
        let made = preview(Cursor::new(png(1600, 400))).unwrap();
        assert_eq!((made.width, made.height, size_of(&made.bytes)), (1600, 400, (640, 160)));
        let made = preview(Cursor::new(png(20, 10))).unwrap();
        assert_eq!(size_of(&made.bytes), (20, 10), "nothing is blown up");
        let pixel = image::load_from_memory(&made.bytes).unwrap().to_rgb8().get_pixel(3, 3).0;
        assert!(pixel.iter().all(|value| *value > 250), "what shines through is white: {pixel:?}");
    }

    #[test]
    fn what_is_sent_has_the_size_that_line_takes() {
        let noise = RgbImage::from_fn(4200, 1400, |x, y| {
            let mixed = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519);
            let [_, red, green, blue] = mixed.to_le_bytes();
            image::Rgb([red, green, blue])
        });
        let mut file = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(noise).write_to(&mut file, ImageFormat::Png).unwrap();
        let (sent, preview) = sendable(Cursor::new(file.into_inner())).unwrap();
        assert!(sent.bytes.len() <= SENT_BYTES && preview.len() <= SENT_PREVIEW_BYTES);
        assert!(size_of(&sent.bytes).0 <= SENT_PIXELS);
        assert_eq!(size_of(&preview).0.max(size_of(&preview).1), PREVIEW_PIXELS);
    }

    #[test]
    fn bombs_and_what_is_no_picture_give_none() {
        // A PNG's header that claims 60,000 × 60,000 pixels.
        let mut bomb = png(1, 1);
        bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        for bad in [&bomb[..], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"PK\x03\x04", b"", b"\x89PNG\r\n\x1a\n"] {
            assert_eq!(preview(Cursor::new(bad)), None);
        }
    }

    #[test]
    fn a_stand_in_is_a_picture() {
        assert_eq!(size_of(&stand_in().unwrap()), (640, 360));
    }
}
