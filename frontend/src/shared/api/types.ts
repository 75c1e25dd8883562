/** Names for the generated schemas, so that a feature says `Order` and not a path into a document. */
import type { components } from "@/shared/api/schema";

type Schemas = components["schemas"];

export type Account = Schemas["Account"];
export type AccountSummary = Schemas["AccountSummary"];
export type Order = Schemas["Order"];
export type Fill = Schemas["Fill"];
export type Session = Schemas["Session"];
export type Status = Schemas["Status"];
export type Candle = Schemas["Candle"];
export type Ticker = Schemas["Ticker"];
export type Book = Schemas["Book"];
export type Market = Schemas["Market"];
export type Bot = Schemas["Bot"];
export type Job = Schemas["Job"];
export type Metric = Schemas["Metric"];
