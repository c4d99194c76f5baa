// The executable under test: what it prints, and the only honest kill.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const EXECUTABLE =
  process.env.LINEDESK_TEST_BINARY ?? fileURLToPath(new URL("../../target/debug/linedesk", import.meta.url));
const STARTS_WITHIN_MS = 30_000;

export type Running = { child: ChildProcess; found: string };

/** Starts it and gives what `find` finds in a line of its output. */
export async function start(
  args: string[],
  env: Record<string, string>,
  find: (line: string) => string | undefined,
): Promise<Running> {
  const child = spawn(EXECUTABLE, args, { env, cwd: env.LINEDESK_DATA_DIR, stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  const found = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`linedesk ${args.join(" ")}: ${why}\n${said.join("\n")}`));
    const timer = setTimeout(() => fail("did not start"), STARTS_WITHIN_MS);
    child.on("error", (error) => fail(`${error.message}; cargo build makes it`));
    child.on("exit", (code) => fail(`ended with ${code}`));
    for (const stream of [child.stdout, child.stderr]) {
      // Read to the end: a full pipe would hold it up.
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const hit = find(line);
        if (hit === undefined) return;
        clearTimeout(timer);
        resolve(hit);
      });
    }
  });
  return { child, found };
}

/** SIGKILL: nothing is finished, nobody is told. */
export async function kill(running: Running): Promise<void> {
  if (running.child.exitCode !== null || running.child.signalCode !== null) return;
  const ended = once(running.child, "exit");
  running.child.kill("SIGKILL");
  await ended;
}

/** Runs it to its end. */
export async function run(args: string[], env: Record<string, string>, input: string): Promise<void> {
  const child = spawn(EXECUTABLE, args, { env, cwd: env.LINEDESK_DATA_DIR, stdio: ["pipe", "ignore", "inherit"] });
  child.stdin.end(input);
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`linedesk ${args.join(" ")}: ended with ${code}`);
}
