/** The end of the audit: one table by licence, then what is missing or deprecated, package by package. */
import type { Audit } from "./handler.ts";

/** The lines to print. Licences are sorted by how many packages have them; what has one or two packages names them. */
export function summarize(audits: readonly Audit[]): string[] {
  const installed = audits.filter((audit) => audit.installed);
  const byLicence = new Map<string, string[]>();
  for (const { licence, path } of installed) byLicence.set(licence, [...(byLicence.get(licence) ?? []), nameOf(path)]);

  const lines = [
    `${installed.length} packages by licence (${audits.length - installed.length} are for other platforms)`,
  ];
  for (const [licence, names] of [...byLicence].toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))) {
    const who = names.length <= 2 ? `  ${names.join(", ")}` : "";
    lines.push(`  ${String(names.length).padStart(4)}  ${licence}${who}`);
  }
  lines.push(...section("packages whose manifest names files that are not there", installed, ({ missing }) => missing));
  lines.push(...section("deprecated fields", installed, (audit) => audit.deprecatedFields));
  lines.push(
    ...section("packages that their authors deprecated", installed, ({ deprecated }) =>
      deprecated === undefined ? [] : [deprecated],
    ),
  );
  return lines;
}

type Installed = Extract<Audit, { installed: true }>;

/** `title: none`, or a line for each package that has findings, with the first three of them. */
function section(
  title: string,
  audits: readonly Installed[],
  findingsOf: (audit: Installed) => readonly string[],
): string[] {
  const found = audits
    .map((audit) => ({ audit, findings: findingsOf(audit) }))
    .filter(({ findings }) => findings.length > 0);
  if (found.length === 0) return ["", `${title}: none`];
  return [
    "",
    `${title}: ${found.length}`,
    ...found.map(({ audit, findings }) => {
      const more = findings.length > 3 ? `, and ${findings.length - 3} more` : "";
      return `  ${nameOf(audit.path)}@${audit.version ?? "?"}  ${findings.slice(0, 3).join(", ")}${more}`;
    }),
  ];
}

/** `node_modules/a/node_modules/@b/c` is `@b/c`; a workspace keeps its path. */
function nameOf(path: string): string {
  const marker = "node_modules/";
  const at = path.lastIndexOf(marker);
  return at === -1 ? path : path.slice(at + marker.length);
}
