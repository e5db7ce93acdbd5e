/** Rejections that nobody handled, collected instead of ending the process, on every host. */

interface UnhandledWatch {
  /** What was rejected, and not handled, since the last call. */
  readonly take: () => Promise<readonly unknown[]>;
  readonly stop: () => void;
}

interface PageEvents {
  addEventListener(type: "unhandledrejection", listener: (event: Event) => void): void;
  removeEventListener(type: "unhandledrejection", listener: (event: Event) => void): void;
}

export function watchUnhandled(): UnhandledWatch {
  const seen: unknown[] = [];
  let onSeen: (() => void) | undefined;
  const stop = listen((reason) => {
    seen.push(reason);
    onSeen?.();
  });

  // Hosts report some turns after the rejection, a page later than a timer of 0 ms, but all in order: once a rejection
  // of our own was reported, so were those before it.
  const take = async (): Promise<readonly unknown[]> => {
    const last = new Error("reported after all that came before");
    // Deno ends, instead of reporting, when nothing else is left to wait for; Bun reports when it wakes for something else.
    const alive = setInterval(() => {}, 1);
    await new Promise<void>((resolve) => {
      onSeen = () => {
        if (seen.at(-1) === last) resolve();
      };
      void Promise.reject(last);
    });
    clearInterval(alive);
    onSeen = undefined;
    return seen.splice(0).slice(0, -1);
  };
  return { take, stop };
}

/** Node, Bun and Deno have `process.on`; a page has the event of the platform. Returns what ends the listening. */
function listen(onUnhandled: (reason: unknown) => void): () => void {
  if (typeof process === "object") {
    process.on("unhandledRejection", onUnhandled);
    return () => void process.off("unhandledRejection", onUnhandled);
  }
  // Without `process` this is a page or a worker, whose global object is an EventTarget.
  const page = globalThis as unknown as PageEvents;
  const onEvent = (event: Event): void => {
    event.preventDefault();
    onUnhandled(Reflect.get(event, "reason"));
  };
  page.addEventListener("unhandledrejection", onEvent);
  return () => page.removeEventListener("unhandledrejection", onEvent);
}
