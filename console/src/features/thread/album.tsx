// Pictures that were sent together, as one.
import { Body } from "./body";
import type { Album } from "./rows";

export function AlbumBody({ album: [first, ...others] }: { album: Album }) {
  return (
    <div className="album">
      <Body message={first} />
      {others.map((message) => (
        // Each can be jumped to.
        <div key={message.id} data-id={message.id}>
          <Body message={message} />
        </div>
      ))}
    </div>
  );
}
