import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type LoaderProps,
  type MantineColorsTuple,
  type ModalProps,
  type NotificationProps,
  type TooltipProps,
  type VariantColorsResolver,
} from "@mantine/core";

const petrol = [
  "#e8f4f2",
  "#cfe7e4",
  "#a3d3cd",
  "#74beb6",
  "#57c7b8",
  "#2f958d",
  "#1c807a",
  "#106c68",
  "#0b5c5a",
  "#064745",
] as const;

const red = [
  "#fdecea",
  "#f9d3cf",
  "#f4b0a9",
  "#ffa79e",
  "#ff9287",
  "#e8665a",
  "#d64a3d",
  "#c2372b",
  "#b0291f",
  "#8c1e16",
] as const;

/** Mantine's greys, warmed to the paper in light and cooled to the ink in dark. */
const gray = [
  ...["#f8f7f3", "#f1efe8", "#e5e1d7", "#d8d3c6", "#cdc7b9"],
  ...["#8d887c", "#6d6a61", "#566063", "#3a4244", "#1a2021"],
] as unknown as MantineColorsTuple;
const dark = [
  ...["#e6eaea", "#c2cacb", "#a7b1b3", "#929c9f", "#424b4f"],
  ...["#2b3235", "#22282a", "#181d1f", "#111516", "#0b0e0f"],
] as unknown as MantineColorsTuple;

/** Filled parts bear the colour of the page as their text: light on the dark shade, dark on the light one. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  return input.variant === "filled" ? { ...colors, color: "var(--paper)" } : colors;
};

export const theme = createTheme({
  colors: { petrol, red, gray, dark },
  primaryColor: "petrol",
  primaryShade: { light: 8, dark: 4 },
  variantColorResolver,
  defaultRadius: 4,
  cursorType: "pointer",
  fontFamily: "var(--sans)",
  fontFamilyMonospace: "var(--mono)",
  fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "16px", xl: "18px" },
  headings: { fontWeight: "600" },
  respectReducedMotion: true,
  components: {
    // By type only: a component that is named here is read with the first page, whether it is on it or not.
    Tooltip: {
      defaultProps: {
        withArrow: true,
        fz: 12.5,
        transitionProps: { duration: 100 },
      } satisfies Partial<TooltipProps>,
    },
    Modal: {
      defaultProps: {
        attributes: { header: { role: "presentation" } },
        closeButtonProps: { "aria-label": "Close" },
      } satisfies Partial<ModalProps>,
      styles: { title: { fontSize: 16, fontWeight: 600 } } satisfies ModalProps["styles"],
    },
    Notification: { defaultProps: { withBorder: true } satisfies Partial<NotificationProps> },
    Loader: { defaultProps: { type: "dots" } satisfies LoaderProps },
  },
});

/** Mantine's own colours are ours (global.css), so that its parts and ours are of one piece. */
const shared = {
  "--mantine-color-body": "var(--paper)",
  "--mantine-color-text": "var(--ink)",
  "--mantine-color-bright": "var(--ink)",
  "--mantine-color-dimmed": "var(--ink-2)",
  "--mantine-color-placeholder": "var(--ink-3)",
  "--mantine-color-error": "var(--bad)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-border": "var(--line-strong)",
  "--mantine-color-default-color": "var(--ink)",
  "--mantine-color-anchor": "var(--accent)",
  "--mantine-color-disabled": "var(--sunken)",
  "--mantine-color-disabled-color": "var(--ink-3)",
};
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
