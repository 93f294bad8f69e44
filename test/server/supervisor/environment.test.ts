import { describe, expect, test } from "vitest";
import { environmentFor } from "../../../server/supervisor/environment.ts";

describe("environmentFor", () => {
  test.each([
    [undefined, "glibc.malloc.hugetlb=1"],
    ["", "glibc.malloc.hugetlb=1"],
    ["glibc.malloc.arena_max=2", "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1"],
    ["glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=0"],
    ["glibc.malloc.check=1:glibc.malloc.hugetlb=2", "glibc.malloc.check=1:glibc.malloc.hugetlb=2"],
  ])("gives large pages to what computes, but where %s says otherwise", (GLIBC_TUNABLES, expected) => {
    const given = GLIBC_TUNABLES === undefined ? {} : { GLIBC_TUNABLES };
    expect(environmentFor(given, true)).toEqual({ GLIBC_TUNABLES: expected });
    expect(environmentFor(given, false)).toEqual(given);
  });

  test.each([true, false])("keeps secrets from every process, whether it computes (%s) or not", (computes) => {
    const secrets = { AWS_SECRET_ACCESS_KEY: "a", guidegraph_token: "b", GUIDEGRAPH_REDIS: "redis://:c@host" };
    expect(Object.keys(environmentFor({ ...secrets, PATH: "/bin" }, computes))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/AWS|TOKEN|REDIS/i)]),
    );
    expect(environmentFor({ ...secrets, PATH: "/bin" }, computes)).toHaveProperty("PATH", "/bin");
  });
});
