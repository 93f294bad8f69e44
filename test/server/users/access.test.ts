import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../server/flags/errors.ts";
import { type Access, decide } from "../../../server/users/access.ts";
import { othersHere } from "../../../server/users/others-here.ts";
import { sessionOf, Users } from "../../../server/users/users.ts";
import { temporaryFolder } from "../../support/cli.ts";

const here = { host: "127.0.0.1", isLoopback: true, others: (): readonly string[] => [] };
const shared = { ...here, others: () => ["ann", "bob", "cleo", "dan"] };
const beyond = { host: "0.0.0.0", isLoopback: false, others: () => [] };
const tokens = [{ name: "ann", token: "0123456789abcdef" }];

describe("a token", () => {
  const cases: readonly [string, Access, typeof here, string | undefined | "none"][] = [
    ["is asked of nobody where nobody else is", "auto", here, "none"],
    ["is made where others are", "auto", shared, "ann, bob, cleo and 1 more can reach this machine's servers too"],
    ["is made beyond loopback", "auto", beyond, "it listens on 0.0.0.0"],
    ["is made where it is wished", "made", here, "--token auto"],
    ["is asked of nobody where that is wished", "open", shared, "none"],
    ["that was given needs no reason", tokens, beyond, undefined],
  ];
  test.each(cases)("%s", (_, access, surroundings, why) => {
    const decided = decide(access, surroundings);
    if (why === "none") expect(decided).toEqual({ tokens: undefined });
    else expect([decided.tokens !== undefined, decided.why]).toEqual([true, why]);
  });

  test("that is short, or none, is refused beyond loopback", () => {
    expect(() => decide("open", beyond)).toThrow(ConfigurationError);
    const short = [{ name: "ann", token: "0123456789" }];
    expect(() => decide(short, beyond)).toThrow(/^The token of ann, of 10 characters can be guessed .* at least 16$/);
    expect(decide(short, here).tokens).toBe(short);
  });
});

test("a proxy on this machine brings others: a token is asked for, and no short one", () => {
  const proxied = { ...here, isProxied: true };
  expect(decide("auto", proxied)).toEqual({ tokens: [], why: "a proxy passes on to it what others ask" });
  expect(decide("open", proxied)).toEqual({ tokens: undefined });
  expect(() => decide([{ name: undefined, token: "short" }], proxied)).toThrow(
    /can be guessed by whoever reaches its proxy/,
  );
});

test("others are those who may enter this machine, and those whose homes are here", () => {
  const homes = temporaryFolder();
  const passwd = join(homes, "passwd");
  mkdirSync(join(homes, "ann"));
  const fresh = temporaryFolder();
  writeFileSync(join(fresh, "left"), "");
  const line = (name: string, id: number, shell: string, home = homes) => `${name}:x:${id}:${id}::${home}:${shell}`;
  writeFileSync(
    passwd,
    [
      line("root", 0, "/bin/bash"),
      line("me", 1000, "/bin/bash"),
      line("bob", 1001, "/bin/bash"),
      line("new", 1004, "/bin/bash", fresh),
      line("backup", 1002, "/usr/sbin/nologin"),
      line("gone", 1003, "/bin/bash", join(homes, "gone")),
      line("nobody", 65534, "/bin/sh"),
      "a line that is none",
    ].join("\n"),
  );
  const places = { passwd, homes: [join(homes, "none")], skeleton: join(homes, "none"), container: [] };
  expect(othersHere(places, 1000)).toEqual(["bob", "new"]);
  // A home that holds what every new one does is of an account that nobody has used.
  const skeleton = temporaryFolder();
  rmSync(join(fresh, "left"));
  for (const folder of [skeleton, fresh]) writeFileSync(join(folder, ".profile"), "");
  expect(othersHere({ ...places, skeleton }, 1000)).toEqual(["bob"]);
  writeFileSync(join(fresh, ".bash_history"), "");
  expect(othersHere({ ...places, skeleton }, 1000)).toEqual(["bob", "new"]);
  expect(othersHere({ ...places, passwd: join(homes, "none"), homes: [] }, 1000)).toEqual([]);
  // Windows tells no ids; a container has its image's.
  expect(othersHere(places, -1)).toEqual([]);
  expect(othersHere({ ...places, container: [join(homes, "none"), passwd] }, 1000)).toEqual([]);
});

test("a user is known by a token and by its session; who has the data folder's own token is the owner", () => {
  const users = new Users(tokens, "own");
  expect(users.withToken(tokens[0].token)).toEqual({ name: "ann" });
  expect(users.withSession(sessionOf(tokens[0].token))).toEqual({ name: "ann" });
  expect(users.withToken("own")).toEqual({ name: undefined });
  for (const wrong of [undefined, "", "x", sessionOf("own")]) expect(users.withToken(wrong)).toBeUndefined();
  for (const wrong of [undefined, "", "own", sessionOf("x")]) expect(users.withSession(wrong)).toBeUndefined();
});
