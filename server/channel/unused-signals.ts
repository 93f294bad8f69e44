/**
 * What other servers are sent to have their logs reopened. Node itself would open a debugger at the first, to everybody who has
 * an account on the machine, and end at the second.
 */
export const unused = ["SIGUSR1", "SIGUSR2"] as const;
