import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";

import { SchemaForm, schemaDefaults, schemaValues } from "@/shared/ui/schema-form";

const SCHEMA = {
  properties: {
    fast: {
      type: "integer",
      title: "Fast average",
      description: "Follows closely.",
      default: 12,
      minimum: 2,
      maximum: 500,
      unit: "candles",
      group: "basic",
    },
    spacing: {
      type: "string",
      title: "Spacing",
      default: "arithmetic",
      enum: ["arithmetic", "geometric"],
      group: "basic",
    },
    reserve: {
      type: "number",
      title: "Reserve",
      default: 1,
      minimum: 0,
      maximum: 20,
      unit: "percent",
      group: "advanced",
    },
  },
};

function Harness({ problem }: { problem?: string }) {
  const [values, setValues] = useState(schemaDefaults(SCHEMA));
  return (
    <>
      <SchemaForm
        schema={SCHEMA}
        values={values}
        onChange={setValues}
        fieldError={(name) => (name === "spacing" ? problem : undefined)}
      />
      <output>{JSON.stringify(schemaValues(SCHEMA, values))}</output>
    </>
  );
}

it("starts from the schema's defaults, typed as the schema says", () => {
  render(<Harness />);
  expect(JSON.parse(screen.getByRole("status").textContent)).toEqual({
    fast: 12,
    spacing: "arithmetic",
    reserve: 1,
  });
});

it("says what is wrong with a value out of bounds", async () => {
  render(<Harness />);
  const field = screen.getByLabelText("Fast average");
  await userEvent.clear(field);
  await userEvent.type(field, "900");
  expect(screen.getByRole("alert").textContent).toBe("Must be at most 500.");
});

it("leaves out what is left empty and takes a choice", async () => {
  render(<Harness />);
  await userEvent.clear(screen.getByLabelText("Fast average"));
  await userEvent.selectOptions(screen.getByLabelText("Spacing"), "geometric");
  expect(JSON.parse(screen.getByRole("status").textContent)).toEqual({ spacing: "geometric", reserve: 1 });
});

it("ties the server's complaint to its field", () => {
  render(<Harness problem="Not offered here." />);
  expect(screen.getByLabelText("Spacing").getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByRole("alert").textContent).toBe("Not offered here.");
});
