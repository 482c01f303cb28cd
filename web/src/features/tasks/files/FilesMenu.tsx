import { Button, Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Icon } from "@/components/Icon";
import { useReasonAgainst } from "@/lib/session";
import { hides, type TaskFilters } from "../list/filters";
import { exportAddress, FORMAT_NAMES, FORMATS } from "./taskFile";

/** Tasks as files: those of the list out, those of a file in. */
export function FilesMenu({ filters }: { filters: TaskFilters }) {
  const reason = useReasonAgainst("operator");
  return (
    <Menu position="bottom-end" withinPortal={false} hideDetached={false} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button variant="default" rightSection={<Icon name="down" size={12} />}>
          Import, export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {reason ? (
          <Menu.Item disabled>Import… ({reason})</Menu.Item>
        ) : (
          <Menu.Item
            leftSection={<Icon name="up" />}
            renderRoot={(props) => <Link to="/import" {...props} />}
          >
            Import…
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>
          {filters.late
            ? "Who is late can't be exported: it changes by the second"
            : hides(filters)
              ? "Export those that match the filters"
              : "Export all tasks"}
        </Menu.Label>
        {FORMAT_NAMES.map((format) => (
          <Menu.Item
            key={format}
            component="a"
            href={filters.late ? undefined : exportAddress(filters, format)}
            download
            disabled={filters.late}
            leftSection={<Icon name="down" />}
          >
            {FORMATS[format].word}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
