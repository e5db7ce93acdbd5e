/** What the tool says and exits with when it can't look. */

export const idle = `console.log("ready"); setInterval(() => {}, 60_000);`;

export const refused = (code: number, message: string): object => ({
  code,
  stdout: "",
  stderr: `holdfast: ${message}\n`,
});

export const forbidden = (pid: number | undefined): object =>
  refused(
    69,
    `process ${pid} was started with --permission, which forbids the inspector\n  start it with --allow-inspector as well (Node 25 and later), or call dump() of holdfast/inspect in it`,
  );
