import type { components } from "@/client/schema";

export type DeadLetter = components["schemas"]["DeadLetter"];
export type DeadLetterGroup = components["schemas"]["DeadLetterGroup"];
