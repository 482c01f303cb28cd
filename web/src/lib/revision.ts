import type { components } from "@/client/schema";

type Schemas = components["schemas"];

/** A version of a task: who made it, when, how, and what it changed. */
export type Revision = Schemas["Revision"];
export type RevisionList = Schemas["RevisionList"];
export type RevisionDetail = Schemas["RevisionDetail"];
export type FieldChange = Schemas["FieldChange"];
