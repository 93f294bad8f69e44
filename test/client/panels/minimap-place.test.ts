import { expect, test } from "vitest";
import { boxIn, type Corner, cornerFor, corners } from "../../../client/panels/minimap-place.ts";

const size = [1100, 700] as const;
const at = (corner: Corner, hasBody = false) => ({
  box: boxIn(corner, size),
  body: hasBody ? boxIn(corner, size) : undefined,
});

test("the map lies where no card is, else where no picture and no parameter is, else nowhere", () => {
  expect(cornerFor([], size)).toBe("lower right");
  expect(cornerFor([at("lower right")], size)).toBe("lower left");
  expect(cornerFor([at("lower right"), at("lower left"), at("upper right")], size)).toBe("upper left");
  const all = corners.map((corner) => at(corner, corner !== "upper right"));
  expect(cornerFor(all, size)).toBe("upper right");
  expect(cornerFor([...all, at("upper right", true)], size)).toBeUndefined();
});

test("it stays where it was until another corner is better", () => {
  expect(cornerFor([], size, "lower left")).toBe("lower left");
  expect(cornerFor([at("lower left")], size, "lower left")).toBe("lower right");
  const all = corners.map((corner) => at(corner));
  expect(cornerFor(all, size, "upper left")).toBe("upper left");
});
