/** What stands before a definition's `reference`, in the node reference and wherever else it is shown: it names more than guided-diffusion's. */
export const knownAs = "Known elsewhere as";
