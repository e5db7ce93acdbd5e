/** An import does nothing: no registry, no timer, no listener, no change of a global. */
const before = Object.getOwnPropertyNames(globalThis).length;
const { taskGroup } = await import("holdfast");
const key = Symbol.for("holdfast.registry/1");
const look = (): string => `${key in globalThis} ${Object.getOwnPropertyNames(globalThis).length - before}\n`;
process.stdout.write(look());
await taskGroup(() => {});
process.stdout.write(look());
