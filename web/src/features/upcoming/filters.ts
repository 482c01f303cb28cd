import { type AddressSearch, oneOf, type Parameter, readAddress, text } from "@/lib/address";

/** How far ahead, and how it is laid out: so many cells of so long in a row. */
export const SPANS = {
  hour: { word: "Hour", ms: 3_600_000, bucket: "PT10S", columns: 60, rowWord: "10 minutes" },
  day: { word: "Day", ms: 86_400_000, bucket: "PT1M", columns: 60, rowWord: "hour" },
  week: { word: "Week", ms: 7 * 86_400_000, bucket: "PT15M", columns: 96, rowWord: "day" },
  month: { word: "Month", ms: 28 * 86_400_000, bucket: "PT1H", columns: 24, rowWord: "day" },
} as const;
export type Span = keyof typeof SPANS;

/** What the address says. `capacity`: how many runs a second the installation takes. */
export type UpcomingFilters = {
  span?: Span;
  q?: string;
  tag?: string[];
  handler?: string;
  capacity?: string;
};

const amount: Parameter = { read: (given) => (/^[1-9]\d{0,6}$/.test(given) ? given : undefined) };

export const upcomingFilters = (search: AddressSearch) =>
  readAddress<UpcomingFilters>(search, {
    span: oneOf(Object.keys(SPANS)),
    q: text,
    tag: { ...text, isRepeated: true },
    handler: text,
    capacity: amount,
  });

export const DEFAULT_SPAN: Span = "day";
export const DEFAULT_CAPACITY = 1_000;
