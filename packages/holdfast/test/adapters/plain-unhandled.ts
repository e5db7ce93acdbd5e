/** Rejections that nobody handled, collected instead of ending the process, on every host. */

interface UnhandledWatch {
  /** What was reported since the last call. */
  readonly take: () => readonly unknown[];
  readonly stop: () => void;
}

interface PageEvents {
  addEventListener(type: "unhandledrejection", listener: (event: Event) => void): void;
  removeEventListener(type: "unhandledrejection", listener: (event: Event) => void): void;
}

/** Node, Bun and Deno have `process.on`; a page has the event of the platform. */
export function watchUnhandled(): UnhandledWatch {
  let seen: unknown[] = [];
  const take = (): readonly unknown[] => {
    const taken = seen;
    seen = [];
    return taken;
  };
  if (typeof process === "object") {
    const onRejection = (reason: unknown): void => void seen.push(reason);
    process.on("unhandledRejection", onRejection);
    return { take, stop: () => void process.off("unhandledRejection", onRejection) };
  }
  // Without `process` this is a page or a worker, whose global object is an EventTarget.
  const page = globalThis as unknown as PageEvents;
  const onRejection = (event: Event): void => {
    event.preventDefault();
    seen.push(Reflect.get(event, "reason"));
  };
  page.addEventListener("unhandledrejection", onRejection);
  return { take, stop: () => page.removeEventListener("unhandledrejection", onRejection) };
}
