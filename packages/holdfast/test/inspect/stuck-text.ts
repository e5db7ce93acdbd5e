/** What `programs/stuck.ts` prints, without numbers of tasks and columns. */
export const stuckWarnings: readonly string[] = [
  'task "after a call that can\'t end" waits for Mutex at group.spawn.name.name (stuck.ts), and nobody has its permit any more who could give it back; use run, or release it in a finally',
  'task "after one that forgot" waits for Mutex at group.spawn.name.name (stuck.ts), and nobody has its permit any more who could give it back; use run, or release it in a finally',
  'task "after one that was given up" waits for Mutex at group.spawn.name.name (stuck.ts), and task "deaf" holds it, which was told to stop, did not, and was abandoned',
  'task "no receiver" waits for put: Channel "unheard", and nobody has a receiver any more, though not all were closed; close each when its task is done',
  'task "no sender" waits for get: Channel "lonely", and nobody has a sender any more, though not all were closed; close each when its task is done',
  'these wait for each other, until they are cancelled: task "there" waits for Mutex at acquireBoth (stuck.ts); task "back" waits for Mutex at acquireBoth (stuck.ts)',
];

/** As above, of what it has printed. */
export function warningsOf(text: string): readonly string[] {
  return text
    .trim()
    .split("\n")
    .map((line) => line.replaceAll(/task \d+/gu, "task").replaceAll(/:\d+:\d+\)/gu, ")"))
    .toSorted();
}
