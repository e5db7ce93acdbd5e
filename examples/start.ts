/**
 * `npm start`: what holdfast is for, in three acts. 2,000 pages are fetched from a local server that behaves like the
 * internet: once with `Promise.all`, then with `holdfast run`, which is killed with -9 half-way and started again.
 *
 * Every number that it prints is counted, and checked against the journal, the output file and the server; exit code 1
 * when one doesn't hold. `--quick` takes 300 pages. Leaves no file and no process behind.
 */
import { parseArgs } from "node:util";
import { amount, takeAccount } from "./start/account.ts";
import type { Account, Check } from "./start/account.ts";
import { loseWithPromiseAll } from "./start/lose-with-promise-all.ts";
import type { Loss } from "./start/lose-with-promise-all.ts";
import { paint } from "./start/paint.ts";
import { runProgram } from "./start/program.ts";
import { collectEvidence, options, prepareWork, runToTheEnd, runUntilKilled } from "./start/survive-kill.ts";

const seed = 7;
const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const count = values.quick ? 300 : 2_000;
const command = `holdfast run examples/fetch-pages/handler.ts ${options.join(" ")}`;

await runProgram("holdfast-start", async (program) => {
  say(
    paint("bold", `holdfast: fetch ${amount(count)} pages, and lose none of them`),
    "from a server on this machine that behaves like the internet: slow answers, 500s, resets, hangs, 429s, pages that are gone",
  );

  title("1. as everyone writes it", "await Promise.all(urls.map(fetchPage))");
  tellLoss(await loseWithPromiseAll(seed, count, program));

  const work = await prepareWork(seed, count, program);
  try {
    title(`2. the same function under the runner, killed with -9 half-way`, command);
    const atKill = await runUntilKilled(work, count / 2);
    say("", paint("red", `killed with -9: ${amount(atKill.journal.length)} of ${amount(count)} acknowledged`));

    title("3. the same command again", command);
    const { code } = await runToTheEnd(work);

    const account = takeAccount(await collectEvidence(work, atKill));
    const expected = account.deadLetters === 0 ? 0 : 1;
    const exit: Check = {
      claim: `the exit code says so: ${expected}${expected === 1 ? ", since some items are dead letters" : ""}`,
      against: code === expected ? [] : [`it was ${code}`],
    };
    return tellAccount(account, [...account.checks, exit]);
  } finally {
    await work.server.close();
  }
});

function tellLoss({ shown, after, running, lost, wasted, hanging }: Loss): void {
  say(
    `it threw after ${(after / 1_000).toFixed(1)} s: ${shown}`,
    paint("red", `1 error shown, ${amount(lost)} lost, ${amount(running)} still running`),
    `the others ran on, and nobody was told: ${amount(wasted)} pages fetched and thrown away, ${amount(lost)} errors seen by no one,`,
    `${amount(hanging)} requests that hang to this moment; which pages are missing, no one can say`,
  );
}

/** The exit code: 0 when all is accounted for and every check holds. */
function tellAccount({ accounted, lost, rerun, deadLetters }: Account, checks: readonly Check[]): number {
  const sound = lost === 0 && checks.every(({ against }) => against.length === 0);
  const verdict = `${amount(accounted)} of ${amount(count)} accounted for; ${amount(lost)} lost; ${amount(rerun)} re-run; ${amount(deadLetters)} dead letters`;
  title("counted: journal, output and server side by side");
  for (const { claim, against } of checks) {
    say(against.length === 0 ? `${paint("green", "holds")}  ${claim}` : `${paint("red", "FAILS")}  ${claim}`);
    if (against.length > 0)
      say(`       against it: ${against.slice(0, 5).join(", ")}${against.length > 5 ? ", …" : ""}`);
  }
  say("", paint("bold", verdict));
  say(
    "",
    "try next:",
    "  npm run serve -w holdfast-examples   this server and its list, to run and kill by hand (what was here is removed)",
    "  npm run audit -w holdfast-examples   real files: every package of this repository, by licence",
    "  npx holdfast run --help              your own function over your own list",
  );
  return sound ? 0 : 1;
}

function title(text: string, code?: string): void {
  say("", paint("bold", text), ...(code === undefined ? [] : [paint("dim", `$ ${code}`)]));
}

function say(...lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}
