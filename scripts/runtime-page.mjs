/**
 * Portable tests on a page in headless Chromium: a server on the loopback interface hands out the bundles and takes
 * the report. No driver is needed, and none is installed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { brotliDecompressSync } from "node:zlib";

const types = new Map([
  [".html", "text/html; charset=utf-8"],
  [".mjs", "text/javascript; charset=utf-8"],
  [".map", "application/json"],
]);

/**
 * The package holds the browser compressed; it is unpacked beside it, once.
 * @param {string} installed
 */
export function unpackChromium(installed) {
  const binary = join(installed, "bin/chromium");
  if (!existsSync(binary)) {
    writeFileSync(binary, brotliDecompressSync(readFileSync(`${binary}.br`)), { mode: 0o755 });
  }
  return binary;
}

/** @type {import("./runtimes.mjs").Start} */
export function startOnPage(binary, folder, files, onText) {
  const profile = mkdtempSync(join(tmpdir(), "holdfast-chromium-"));
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let browser;
  /** @type {(problem: string | undefined) => void} */
  let end = () => {};
  /** @type {Promise<string | undefined>} */
  const stopped = new Promise((resolve) => {
    end = resolve;
  });

  const server = createServer((request, response) => {
    if (request.method === "POST") {
      let text = "";
      request.setEncoding("utf8").on("data", (/** @type {string} */ chunk) => (text += chunk));
      request.on("end", () => {
        response.end();
        onText(text);
        if (text.includes('{"done":true}')) end(undefined);
      });
      return;
    }
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
    const body = path === "/" ? '<script type="module" src="/adapters/plain-page.mjs"></script>' : read(folder, path);
    const type = types.get(path === "/" ? ".html" : path.slice(path.lastIndexOf(".")));
    response.writeHead(body === undefined ? 404 : 200, { "content-type": type ?? "text/plain" });
    response.end(body);
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const query = new URLSearchParams();
    for (const file of files) query.append("file", `/${file}`);
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
    const args = [...flags, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/?${query.toString()}`];
    // A group of its own, so that its helper processes can be ended with it.
    browser = spawn(binary, args, { stdio: "ignore", detached: true });
    browser.on("error", (error) => end(error.message));
    browser.on("close", (code, signal) => end(`the browser ended with ${signal ?? `exit code ${code}`}`));
  });

  const ended = stopped.then(async (problem) => {
    if (browser?.pid !== undefined && browser.exitCode === null && browser.signalCode === null) {
      const closed = once(browser, "close");
      process.kill(-browser.pid, "SIGKILL");
      await closed;
    }
    server.close();
    server.closeAllConnections();
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    return problem;
  });
  return { ended, kill: () => end("was killed") };
}

/**
 * @param {string} folder
 * @param {string} path
 */
function read(folder, path) {
  const file = join(folder, path);
  return file.startsWith(folder) && existsSync(file) ? readFileSync(file) : undefined;
}
