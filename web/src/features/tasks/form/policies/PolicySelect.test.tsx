import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { expect, it } from "vitest";
import { PolicySelect } from "./PolicySelect";
import { attemptsInWords, type Choice, folds, gaps, misfires, overlaps } from "./policies";

function Chosen({ choices }: { choices: readonly Choice[] }) {
  const [value, setValue] = useState(choices[0]?.value);
  return (
    <MantineProvider>
      <PolicySelect
        label="Policy"
        choices={choices}
        value={value}
        onChange={(e) => setValue(e.currentTarget.value)}
      />
    </MantineProvider>
  );
}

it.each(Object.entries({ overlaps, misfires, gaps, folds }))(
  "says at each choice in one sentence what happens: %s",
  (_, choices) => {
    render(<Chosen choices={choices} />);
    const policy = screen.getByLabelText("Policy");
    for (const { value, means } of choices) {
      fireEvent.change(policy, { target: { value } });
      expect(policy).toHaveAccessibleDescription(means);
      for (const other of choices) expect(screen.getByText(other.means)).toBeInTheDocument();
      expect(means).toMatch(/^[A-Z][^.]+\.$/);
    }
  },
);

it.each([
  ["1", /not tried again/],
  ["2", /tried again up to once/],
  ["3", /tried again up to 2 times/],
  ["many", /^The first one included\.$/],
])("says what %s attempts come to", (attempts, words) => expect(attemptsInWords(attempts)).toMatch(words));
