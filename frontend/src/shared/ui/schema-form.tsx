import { SelectField, TextField } from "@/shared/ui/field";

interface SchemaProperty {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  enum?: string[];
  unit?: string;
  group?: string;
}

export type ParameterValues = Record<string, string>;

function properties(schema: Record<string, unknown>): [string, SchemaProperty][] {
  return Object.entries((schema.properties ?? {}) as Record<string, SchemaProperty>);
}

/** The defaults of a strategy's schema, as the form holds them: text. */
export function schemaDefaults(schema: Record<string, unknown>): ParameterValues {
  return Object.fromEntries(
    properties(schema).map(([name, property]) => {
      const value = property.default;
      return [name, typeof value === "string" || typeof value === "number" ? String(value) : ""];
    }),
  );
}

/** Text back to what the schema asks for; a field left empty is left out. */
export function schemaValues(
  schema: Record<string, unknown>,
  values: ParameterValues,
): Record<string, unknown> {
  return Object.fromEntries(
    properties(schema).flatMap(([name, property]) => {
      const text = values[name] ?? "";
      if (text === "") return [];
      const numeric = property.type === "integer" || property.type === "number";
      return [[name, numeric && !Number.isNaN(Number(text)) ? Number(text) : text]];
    }),
  );
}

function bounds(property: SchemaProperty): string {
  const { minimum, maximum } = property;
  if (minimum !== undefined && maximum !== undefined) return ` From ${minimum} to ${maximum}.`;
  if (minimum !== undefined) return ` At least ${minimum}.`;
  return "";
}

function complaint(property: SchemaProperty, text: string): string | undefined {
  if (property.type !== "integer" && property.type !== "number") return undefined;
  if (text === "") return undefined;
  const value = Number(text);
  if (Number.isNaN(value)) return "Enter a number.";
  if (property.type === "integer" && !Number.isInteger(value)) return "Enter a whole number.";
  if (property.minimum !== undefined && value < property.minimum)
    return `Must be at least ${property.minimum}.`;
  if (property.maximum !== undefined && value > property.maximum)
    return `Must be at most ${property.maximum}.`;
  return undefined;
}

interface SchemaFormProps {
  schema: Record<string, unknown>;
  values: ParameterValues;
  onChange: (values: ParameterValues) => void;
  fieldError: (name: string) => string | undefined;
}

/** A form drawn from a strategy's JSON schema: title, help, unit and bounds come from there. */
export function SchemaForm({ schema, values, onChange, fieldError }: SchemaFormProps) {
  const all = properties(schema);
  const groups = [
    { name: "basic", fields: all.filter(([, property]) => property.group !== "advanced") },
    { name: "advanced", fields: all.filter(([, property]) => property.group === "advanced") },
  ];
  const draw = ([name, property]: [string, SchemaProperty]) => {
    const shared = {
      label: property.title ?? name,
      help: `${property.description ?? ""}${bounds(property)}`,
      error: fieldError(name) ?? complaint(property, values[name] ?? ""),
    };
    if (property.enum) {
      return (
        <SelectField
          key={name}
          {...shared}
          value={values[name] ?? ""}
          onChange={(event) => onChange({ ...values, [name]: event.target.value })}
        >
          {property.enum.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </SelectField>
      );
    }
    return (
      <TextField
        key={name}
        {...shared}
        suffix={property.unit}
        inputMode="decimal"
        autoComplete="off"
        value={values[name] ?? ""}
        onChange={(event) => onChange({ ...values, [name]: event.target.value.replace(",", ".") })}
      />
    );
  };
  return (
    <div className="flex flex-col gap-4">
      {groups.map(({ name, fields }) =>
        fields.length === 0 ? null : name === "basic" ? (
          <div key={name} className="grid gap-4 sm:grid-cols-2">
            {fields.map(draw)}
          </div>
        ) : (
          <details key={name}>
            <summary className="w-fit cursor-pointer rounded text-sm font-medium text-muted hover:text-ink">
              Advanced
            </summary>
            <div className="mt-3 grid gap-4 sm:grid-cols-2">{fields.map(draw)}</div>
          </details>
        ),
      )}
    </div>
  );
}
