/**
 * The TCP ports that a process listens on, by its file descriptors and the kernel's table of sockets. Linux only.
 */
import { readFileSync, readdirSync, readlinkSync } from "node:fs";

export interface ListeningPort {
  readonly port: number;
  readonly inode: string;
}

/** All that anybody in this network namespace listens on. */
export function listeningPorts(): readonly ListeningPort[] {
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => {
    let text: string;
    try {
      text = readFileSync(table, "utf8");
    } catch {
      // No IPv6 here.
      return [];
    }
    return text.split("\n").flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/u);
      const port = local?.split(":")[1];
      return state === "0A" && port !== undefined && inode !== undefined
        ? [{ port: Number.parseInt(port, 16), inode }]
        : [];
    });
  });
}

/** Those of `ports` that process `pid` holds open. */
export function portsOf(pid: number, ports: readonly ListeningPort[]): readonly number[] {
  if (ports.length === 0) return [];
  const wanted = new Map(ports.map(({ port, inode }) => [`socket:[${inode}]`, port]));
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
      try {
        return wanted.get(readlinkSync(`/proc/${pid}/fd/${name}`)) ?? [];
      } catch {
        // Closed since.
        return [];
      }
    });
  } catch {
    return [];
  }
}
