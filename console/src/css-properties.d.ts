// Lets `style` carry a custom property: what a stylesheet cannot know, such as how far a bar is filled.
import "react";

declare module "react" {
  interface CSSProperties {
    [name: `--${string}`]: string | number | undefined;
  }
}
