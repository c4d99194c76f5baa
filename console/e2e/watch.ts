// What no page of the console may ever do, in whichever test: break its policy, throw, or leave the origin.
import type { BrowserContext } from "@playwright/test";

/** The browser's own lines about requests that failed; requests are looked at by themselves. */
const OF_THE_NETWORK = /^(Failed to load resource|WebSocket connection to)/;

/** Adds to `faults` whatever goes wrong in this context. */
export async function watch(context: BrowserContext, desk: string, faults: string[]): Promise<void> {
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== desk && !["data:", "blob:"].includes(url.protocol)) {
      faults.push(`a request left the origin: ${request.url()}`);
    }
  });
  context.on("response", (response) => {
    const { pathname, origin } = new URL(response.url());
    const isOwnFile = origin === desk && !pathname.startsWith("/api/");
    if (response.status() >= 500 || (isOwnFile && response.status() >= 400)) {
      faults.push(`${response.request().method()} ${response.url()}: ${response.status()}`);
    }
  });
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !OF_THE_NETWORK.test(message.text())) {
      faults.push(`console.${message.type()}: ${message.text()}`);
    }
  });
  context.on("weberror", (error) => faults.push(`thrown: ${error.error().stack ?? error.error().message}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`refused by the policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
}
