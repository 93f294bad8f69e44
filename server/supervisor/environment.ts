/** What a process that is started here finds in its environment. */

/** `computes`: whether it computes networks. Then its memory has large pages: what they spare and cost, docs/devices.md says. */
export const environmentFor = (given: NodeJS.ProcessEnv, computes: boolean): NodeJS.ProcessEnv =>
  computes ? withLargePages(withoutSecrets(given)) : withoutSecrets(given);

/** There files and nodes of strangers are read, and nobody asks a store, Redis or a server. */
const withoutSecrets = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !secretNames.test(name)));

const secretNames = /^(AWS_\w+|GUIDEGRAPH_TOKEN|GUIDEGRAPH_REDIS)$/i;

/** glibc (2.35 or newer) asks Linux for them if it is told to when a process starts; others pass over this. */
function withLargePages(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GLIBC_TUNABLES: told = "" } = environment;
  if (told.split(":").some((one) => one.startsWith(`${largePages}=`))) return environment;
  return { ...environment, GLIBC_TUNABLES: [...(told === "" ? [] : [told]), `${largePages}=1`].join(":") };
}

const largePages = "glibc.malloc.hugetlb";
