/** The links of Markdown pages: where they lead, and which lead nowhere. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export interface Link {
  /** Of the line, from 1. */
  readonly line: number;
  readonly target: string;
}

/** The links of a page, without those in its code. */
export function linksOf(text: string): Link[] {
  const links: Link[] = [];
  let fence: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const marker = /^\s*(?<marker>```+|~~~+)/u.exec(line)?.groups?.["marker"];
    if (marker !== undefined && (fence === undefined || line.trim() === fence)) {
      fence = fence === undefined ? marker : undefined;
      continue;
    }
    if (fence !== undefined) continue;
    const prose = line.replaceAll(/(?<ticks>`+)(?!`).+?(?<!`)\k<ticks>(?!`)/gu, "");
    for (const { groups } of prose.matchAll(/\]\((?<target>[^\s()]+(?:\([^\s()]*\)[^\s()]*)*)\)/gu))
      links.push({ line: index + 1, target: groups?.["target"] ?? "" });
  }
  return links;
}

/** The names by which a page's headings can be linked to, as GitHub makes them. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  let isCode = false;
  for (const line of text.split("\n")) {
    if (/^\s*(?:```|~~~)/u.test(line)) isCode = !isCode;
    const heading = isCode ? undefined : /^#{1,6} (?<heading>.+)$/u.exec(line)?.groups?.["heading"];
    if (heading === undefined) continue;
    const shown = heading.replaceAll(/\[(?<text>[^\]]*)\]\([^)]*\)/gu, "$<text>");
    const slug = shown
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy++) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  return anchors;
}

function isRelative(target: string): boolean {
  return !/^[a-z][a-z+.-]*:/iu.test(target);
}

/** The files that a page links to. */
export function filesLinkedFrom(page: string): string[] {
  return linksOf(readFileSync(page, "utf8"))
    .filter(({ target }) => isRelative(target) && !target.startsWith("#"))
    .map(({ target }) => join(dirname(page), decodeURIComponent(target.replace(/#.*$/u, ""))));
}

/** What is wrong with a page's links, each with its place. Links to other sites are not looked at. */
export function deadLinksOf(page: string, root: string): string[] {
  return linksOf(readFileSync(page, "utf8"))
    .filter(({ target }) => isRelative(target))
    .flatMap(({ line, target }) => {
      const [path = "", anchor] = target.split("#", 2);
      const file = path === "" ? page : join(dirname(page), decodeURIComponent(path));
      const place = `${relative(root, page)}:${line} links to ${target}`;
      if (relative(root, file).startsWith("..")) return [`${place}, outside of the repository`];
      if (!existsSync(file)) return [`${place}, which is not there`];
      if (anchor === undefined || anchor === "") return [];
      if (!statSync(file).isFile() || !file.endsWith(".md")) return [`${place}, where nothing has a heading`];
      return anchorsOf(readFileSync(file, "utf8")).has(anchor) ? [] : [`${place}, where no heading is called so`];
    });
}
