/** What goes where: results on standard output and nothing else, everything else on standard error, escape codes nowhere but on a terminal. */
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { Workplace, numbers, parseLines } from "./holdfast-process.ts";

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write("five.txt", numbers(5));
  place.write(
    "loud.mjs",
    `export default (item, { log, attempt }) => {
      console.log("console \\u001b[31m%s\\u001b[39m", item);
      console.error("error", item);
      log("log", { item });
      if (item === "3" && attempt === 1) throw new Error("\\u001b[1mbold\\u001b[22m");
      if (item === "4") throw new RangeError("\\u001b[1mbold\\u001b[22m\\rover");
      return { item };
    };`,
  );
});
afterEach(() => place.remove());

test("--output - keeps standard output pure NDJSON, whatever the handler prints", async () => {
  const ended = await place.run([
    "run",
    "loud.mjs",
    "five.txt",
    "--output",
    "-",
    "-j",
    "1",
    "--retries",
    "1",
    "--backoff",
    "none",
  ]);
  expect([ended.code, parseLines(ended.stdout)]).toEqual([
    1,
    [{ item: "1" }, { item: "2" }, { item: "3" }, { item: "5" }],
  ]);
  expect(ended.stderr).toContain("console 1\nerror 1\nlog { item: '1' }\n");
});

test("with --output -, --summary json goes to standard error", async () => {
  const ended = await place.run([
    "run",
    "loud.mjs",
    "five.txt",
    "--output",
    "-",
    "--summary",
    "json",
    "--progress",
    "none",
    "--retries",
    "0",
  ]);
  expect(parseLines(ended.stdout)).toHaveLength(3);
  expect(JSON.parse(ended.stderr.trim().split("\n").at(-1) ?? "")).toMatchObject({ succeeded: 3, dead: 2 });
});

for (const progress of ["auto", "tty", "plain", "json", "none"]) {
  test(`no escape code gets into a pipe with --progress ${progress}`, async () => {
    const env = { TERM: "xterm-256color", FORCE_COLOR: "1", COLORTERM: "truecolor" };
    const ended = await place.run(
      ["run", "loud.mjs", "five.txt", "--progress", progress, "--retries", "1", "--backoff", "none"],
      { env },
    );
    expect([ended.stdout, ended.stderr.replaceAll(/[^\u001B\r\u009B]/g, "")]).toEqual(["", ""]);
    expect(ended.stderr).toContain("RangeError");
  });
}

test("items come from standard input with -", async () => {
  place.write("id.mjs", "export default (item) => item.id;");
  const args = ["run", "id.mjs", "-", "--format", "ndjson", "--journal", "j.db", "--output", "out", "-j", "1"];
  const ended = await place.summary(args, { stdin: '{"id":1}\n{"id":2}\n' });
  expect(ended).toMatchObject({ code: 0, summary: { total: 2, succeeded: 2, left: 0 } });
  expect(place.ndjson("out")).toEqual([1, 2]);
});

test("a stopped run over standard input says how to start over, or with a key how to go on", async () => {
  place.write("id.mjs", "export default (item) => item.id;");
  const args = ["run", "id.mjs", "-", "--format", "ndjson", "--journal", "j.db", "--limit", "1"];
  const items = '{"id":1}\n{"id":2}\n';
  const bare = await place.summary(args, { stdin: items });
  expect([bare.code, bare.summary.next]).toEqual([
    75,
    {
      why: "to start over, with the same input again; with --key FIELD it could go on",
      command: "holdfast run id.mjs - --format ndjson --journal j.db --limit 1 --summary json --fresh",
    },
  ]);
  expect((await place.run(args, { stdin: items })).code).toBe(65);
  const keyed = await place.summary([...args, "--key", "id", "--fresh"], { stdin: items });
  expect(keyed.summary.next?.why).toBe("to go on, with the same input again");
  expect(await place.summary([...args, "--key", "id"], { stdin: items })).toMatchObject({
    code: 0,
    summary: { succeeded: 2 },
  });
});
