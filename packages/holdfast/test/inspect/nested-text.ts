/** What `programs/nested.ts` prints, made steady. */
export const nestedText: string = `process PID, node VERSION: 9 tasks
├─ group "group 1", called nest (nested.ts:21)
│  │  awaited outside of any task
│  │      at nest (nested.ts:21)
│  └─ task 1 "level 1", running for TIME, spawned taskGroup.name (nested.ts:23)
│     │  waits for the tasks of group "group 2"
│     │      at nest (nested.ts:21)
│     │      at group.spawn.name (nested.ts:26)
│     └─ group "group 2", called nest (nested.ts:21)
│        └─ task 6 "level 2", running for TIME, spawned taskGroup.name (nested.ts:23)
│           │  waits for the tasks of group "group 3"
│           │      at nest (nested.ts:21)
│           │      at group.spawn.name (nested.ts:26)
│           └─ group "group 3", called nest (nested.ts:21)
│              └─ task 7 "level 3", running for TIME, spawned taskGroup.name (nested.ts:23)
│                 │  waits for the tasks of group "group 4"
│                 │      at nest (nested.ts:21)
│                 │      at group.spawn.name (nested.ts:26)
│                 └─ group "group 4", called nest (nested.ts:21)
│                    └─ task 8 "level 4", running for TIME, spawned taskGroup.name (nested.ts:23)
│                       │  waits for the tasks of group "group 5"
│                       │      at nest (nested.ts:21)
│                       │      at group.spawn.name (nested.ts:26)
│                       └─ group "group 5", called nest (nested.ts:21)
│                          └─ task 9 "level 5", running for TIME, spawned taskGroup.name (nested.ts:23)
│                                waits for sleep, TIME left
│                                    at queryRows (nested.ts:12)
│                                    at loadUser (nested.ts:16)
│                                    at group.spawn.name (nested.ts:25)
└─ group "others", called <anonymous> (nested.ts:52)
   ├─ task 2 "forgetful", running for TIME, spawned taskGroup.name (nested.ts:54)
   │     waits for sleep, TIME left, without a signal
   │         at forgetful (nested.ts:36)
   ├─ task 3 "receiver", running for TIME, spawned taskGroup.name (nested.ts:55)
   │  │  waits for call "receive"
   │  │      at receiveJob (nested.ts:40)
   │  └─ call "receive", deadline in TIME, called receiveJob (nested.ts:40)
   │        waits for get: Channel "jobs"
   ├─ task 4 "joiner", running for TIME, spawned taskGroup.name (nested.ts:56)
   │     waits for task 3 "receiver"
   │         at joiner (nested.ts:57)
   └─ task 5 "fetchPrice", running for TIME, cancelled TIME ago by taskGroup.name (nested.ts:60): task "fetchPrice" was cancelled, never looked at its signal, spawned taskGroup.name (nested.ts:59)
4 waits at nest (nested.ts:21) < group.spawn.name (nested.ts:26)`;

/** As above, with what only a search of the heap finds. */
export const nestedTextDeep: string =
  nestedText.replace(
    /(?<task>└─ task 5 .*)\n/u,
    `$<task>
         waits for a promise
             at fetchPrice (nested.ts:44)
outside of any task: 1 wait
  waits for a promise
      at floating (nested.ts:48)
`,
  ) +
  `
warning (stuck-wait): call "receive" waits for get: Channel "jobs", and nobody has a sender any more, though not all were closed; close each when its task is done (guide/hanging.md#stuck-wait)
warning (floating-call): 1 call of floating outside of any task, awaited by no async function, at floating (nested.ts:48): unless an event has started it, await it, or spawn it in a group (guide/hanging.md#floating-call)`;

/** Where the host does not tell await stacks. */
export const nestedTextWithout: string = `process PID, node VERSION: 9 tasks
├─ group "group 1", called nest (nested.ts:21)
│  └─ task 1 "level 1", running for TIME, spawned taskGroup.name (nested.ts:23)
│     └─ group "group 2", called nest (nested.ts:21)
│        └─ task 6 "level 2", running for TIME, spawned taskGroup.name (nested.ts:23)
│           └─ group "group 3", called nest (nested.ts:21)
│              └─ task 7 "level 3", running for TIME, spawned taskGroup.name (nested.ts:23)
│                 └─ group "group 4", called nest (nested.ts:21)
│                    └─ task 8 "level 4", running for TIME, spawned taskGroup.name (nested.ts:23)
│                       └─ group "group 5", called nest (nested.ts:21)
│                          └─ task 9 "level 5", running for TIME, spawned taskGroup.name (nested.ts:23)
│                                waits for sleep, TIME left
└─ group "others", called <anonymous> (nested.ts:52)
   ├─ task 2 "forgetful", running for TIME, spawned taskGroup.name (nested.ts:54)
   ├─ task 3 "receiver", running for TIME, spawned taskGroup.name (nested.ts:55)
   │  └─ call "receive", deadline in TIME, called receiveJob (nested.ts:40)
   │        waits for get: Channel "jobs"
   ├─ task 4 "joiner", running for TIME, spawned taskGroup.name (nested.ts:56)
   └─ task 5 "fetchPrice", running for TIME, cancelled TIME ago by taskGroup.name (nested.ts:60): task "fetchPrice" was cancelled, never looked at its signal, spawned taskGroup.name (nested.ts:59)
outside of any task: 1 wait
  waits for sleep, TIME left, without a signal
note: this host does not tell where promises are awaited; tasks show where they were spawned`;
