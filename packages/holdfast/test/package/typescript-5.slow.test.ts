/** The published types compile under the oldest TypeScript that is supported. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "../harness.ts";
import { consumerFiles } from "./consumer.ts";
import { installPackage } from "./installed-package.ts";

const run = promisify(execFile);
const version = "5.4.5";

test(`a program in strict mode compiles with TypeScript ${version} and runs`, async ({ onTestFinished }) => {
  const compiler = await installCompiler();
  const installed = await installPackage();
  onTestFinished(() => installed[Symbol.asyncDispose]());
  expect(await installed.node({}, [compiler, "--version"])).toBe(`Version ${version}\n`);
  await installed.node(consumerFiles, [compiler, "-p", "."]);
  expect(await installed.node({}, ["out/consumer.mjs"])).toBe("10 3\n");
});

/** On demand, and kept: no other part of the project needs an old compiler. */
async function installCompiler(): Promise<string> {
  const home = fileURLToPath(new URL(`../../../../.cache/typescript-${version}`, import.meta.url));
  const compiler = join(home, "node_modules/typescript/bin/tsc");
  if (!existsSync(compiler)) {
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "package.json"), '{ "private": true }\n');
    await run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", `typescript@${version}`], {
      cwd: home,
    });
  }
  return compiler;
}
