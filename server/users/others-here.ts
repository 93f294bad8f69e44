/** The other people who have an account on this machine: a server on it is within their reach, on 127.0.0.1 too. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where the system says who there is: its accounts, and homes of those that only the network knows. */
export interface Places {
  readonly passwd: string;
  readonly homes: readonly string[];
  /** What a new home has in it. */
  readonly skeleton: string;
  /** One of these is there in a container, whose 127.0.0.1 is its own, and whose accounts are its image's. */
  readonly container: readonly string[];
}

const places: Places = {
  passwd: "/etc/passwd",
  homes: ["/home", "/Users"],
  skeleton: "/etc/skel",
  container: ["/.dockerenv", "/run/.containerenv"],
};
/** Accounts of people begin here (501 on macOS), and end before nobody's. */
const firstId = process.platform === "darwin" ? 501 : 1_000;
const lastId = 60_000_000;
const isPerson = (id: number): boolean => id >= firstId && id <= lastId && id !== 65_534;

/** Their names, sorted; whose home has nothing in it that a new one has not was never here. On Windows none are told. */
export function othersHere(
  { passwd, homes, skeleton, container }: Places = places,
  own: number = process.getuid?.() ?? -1,
): string[] {
  if (own < 0 || container.some((mark) => existsSync(mark))) return [];
  const given = new Set(namesIn(skeleton));
  const livedIn = (home: string): boolean => quietly(() => readdirSync(home))?.some((name) => !given.has(name)) ?? true;
  const accounts = lines(passwd).flatMap((line) => {
    const [name, , id, , , home, shell] = line.split(":");
    const mayEnter = shell !== undefined && !/(nologin|false|sync)$/.test(shell);
    return mayEnter && isPerson(Number(id)) && ownerOf(home) !== undefined && livedIn(home)
      ? [[Number(id), name] as const]
      : [];
  });
  const atHome = homes.flatMap((folder) =>
    namesIn(folder).flatMap((name) => {
      const id = ownerOf(join(folder, name));
      return id !== undefined && isPerson(id) && livedIn(join(folder, name)) ? [[id, name] as const] : [];
    }),
  );
  // The account's own name comes last: a home may be called otherwise.
  const others = new Map([...atHome, ...accounts].filter(([id]) => id !== own));
  return [...others.values()].sort();
}

const lines = (file: string): string[] => quietly(() => readFileSync(file, "utf8").split("\n")) ?? [];
const namesIn = (folder: string): string[] => quietly(() => readdirSync(folder)) ?? [];
const ownerOf = (path: string): number | undefined => quietly(() => statSync(path).uid);

function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
