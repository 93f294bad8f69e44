/** Vectors with a value for each channel beside features N×C×…. */
import type { Value } from "../../rewrite/builder.ts";
import type { RuleContext } from "../rule.ts";

/** A vector of C, shaped to broadcast against features. */
export const perChannel = ({ op, rank }: RuleContext, vector: Value, features: Value): Value =>
  op.Reshape(vector, op.int64([-1, ...Array.from({ length: rank(features) - 2 }, () => 1)]));

/** Sums over every axis but the channels': C values. */
export const overChannels = ({ op, rank }: RuleContext, features: Value): Value =>
  op.ReduceSum(features, op.int64([0, ...Array.from({ length: rank(features) - 2 }, (_, i) => i + 2)]), {
    keepdims: 0,
  });
