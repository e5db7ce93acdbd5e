import { StopRetry, retryAfter } from "holdfast";
import fetchPage, { HttpError } from "../fetch-pages/handler.ts";
import { behaviourOf, pageOf } from "../fetch-pages/misbehaviour.ts";
import type { Behaviour } from "../fetch-pages/misbehaviour.ts";
import { startServer } from "../fetch-pages/server.ts";
import { expect, test } from "../../packages/holdfast/test/harness.ts";
import type { TestContext } from "../../packages/holdfast/test/harness.ts";

const seed = 7;
const { signal } = new AbortController();

/** A page whose first request meets what `wanted` describes, on a server that answers without its delays. */
async function pageThat(
  { onTestFinished }: TestContext,
  wanted: (behaviour: Behaviour) => boolean,
): Promise<{ readonly url: string; readonly path: string }> {
  const path = Array.from({ length: 1_000 }, (_, index) => `/pages/${index + 1}`).find((candidate) =>
    wanted(behaviourOf(seed, candidate, 1)),
  );
  if (path === undefined) throw new Error("no page of this seed behaves like that");
  const server = await startServer({ seed, slowness: 0 });
  onTestFinished(() => server.close());
  return { url: server.origin + path, path };
}

/** What the handler threw; undefined when it returned. */
async function errorOf(run: Promise<unknown>): Promise<unknown> {
  try {
    await run;
    return undefined;
  } catch (error) {
    return error;
  }
}

test("a page that is answered becomes its address, title and size in bytes", async (context) => {
  const { url, path } = await pageThat(context, ({ kind }) => kind === "page");
  const { title, html } = pageOf(seed, path);
  expect(await fetchPage(url, { signal })).toEqual({ url, title, size: Buffer.byteLength(html) });
});

test("a page that is gone is not worth another attempt", async (context) => {
  const { url } = await pageThat(context, (behaviour) => behaviour.kind === "gone" && behaviour.status === 404);
  const error = await errorOf(fetchPage(url, { signal }));
  expect(error).toBeInstanceOf(StopRetry);
  expect(error).toMatchObject({ cause: { name: "HttpError", code: "ERR_HTTP_404", message: `${url} answered 404` } });
});

test("a failing server is an HttpError that may be retried", async (context) => {
  const { url } = await pageThat(context, (behaviour) => behaviour.kind === "error" && behaviour.status === 502);
  const error = await errorOf(fetchPage(url, { signal }));
  expect(error).toBeInstanceOf(HttpError);
  expect(error).toMatchObject({ code: "ERR_HTTP_502", status: 502 });
});

test("a busy server's Retry-After is what the error asks to wait", async (context) => {
  const { url } = await pageThat(context, (behaviour) => behaviour.kind === "busy" && behaviour.status === 429);
  expect(retryAfter(await errorOf(fetchPage(url, { signal })))).toBe(1_000);
});

test("a page that hangs ends with its signal's own reason", async (context) => {
  const { url } = await pageThat(context, ({ kind }) => kind === "hang");
  const controller = new AbortController();
  const hanging = errorOf(fetchPage(url, { signal: controller.signal }));
  const reason = new Error("enough");
  controller.abort(reason);
  expect(await hanging).toBe(reason);
});
