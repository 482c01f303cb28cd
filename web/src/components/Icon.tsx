/** Drawn on a grid of 16, in the colour of the text around them. They never speak: a word or a label stands beside. */
const paths = {
  check: "M3 8.5l3.4 3.5L13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  clock: "M8 4.5V8l2.3 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z",
  half: "M8 2a6 6 0 0 1 0 12M8 2a6 6 0 0 0-6 6",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
  slash: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM4 12l8-8",
  skip: "M3 4l5 4-5 4zM12 4v8",
  play: "M5 3.2v9.6L12.6 8z",
  bolt: "M9 2L4 9h3.5L7 14l5-7H8.5z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  edit: "M3 13l.7-2.9L10.8 3l2.2 2.2-7.1 7.1zM9.3 4.5l2.2 2.2",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M6.7 7v3.5M9.3 7v3.5",
  plus: "M8 3v10M3 8h10",
  search: "M11 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM10 10l3.5 3.5",
  warn: "M8 2.5l6 10.5H2zM8 6.5v3M8 11.2v.1",
  flag: "M4 14V2.5h7.5L9.8 5.2l1.7 2.8H4",
  up: "M8 13V3.5M4 7.5l4-4 4 4",
  down: "M8 3v9.5M4 8.5l4 4 4-4",
  left: "M10 3.5L5.5 8l4.5 4.5",
  right: "M6 3.5L10.5 8 6 12.5",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  more: "M3 8h.6M7.7 8h.6M12.4 8h.6",
  back: "M6.5 3.5L3 7l3.5 3.5M3 7h6.5a3.5 3.5 0 0 1 0 7H7",
  away: "M2 5.5c3.5-3 8.5-3 12 0M4.3 8.3c2.2-1.900 5.2-1.900 7.4 0M6.5 11c.9-.7 2.1-.7 3 0M3 14L13 2",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16, className }: { name: IconName; size?: number; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      className={className}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flex: "none" }}
    >
      <path d={paths[name]} />
    </svg>
  );
}
