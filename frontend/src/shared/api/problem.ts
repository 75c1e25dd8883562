/** RFC 9457 problem documents as the page's one kind of error. */

export interface FieldProblem {
  field: string;
  message: string;
  remedy: string;
}

interface ProblemParts {
  status: number;
  code: string;
  title: string;
  detail: string;
  requestId: string | null;
  errors: FieldProblem[];
}

export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | null;
  readonly errors: FieldProblem[];

  constructor(parts: ProblemParts) {
    super(parts.detail || parts.title);
    this.name = "ApiProblem";
    this.status = parts.status;
    this.code = parts.code;
    this.title = parts.title;
    this.detail = parts.detail;
    this.requestId = parts.requestId;
    this.errors = parts.errors;
  }

  /** What is wrong with one field of the body, if anything. */
  field(name: string): string | undefined {
    const found = this.errors.find((error) => error.field === name || error.field === `body.${name}`);
    return found && `${found.message} ${found.remedy}`.trim();
  }
}

interface ProblemDocument {
  status?: unknown;
  code?: unknown;
  title?: unknown;
  detail?: unknown;
  request_id?: unknown;
  errors?: unknown;
}

function text(value: unknown, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return typeof value === "object" && value !== null && "field" in value && "message" in value;
}

/** Read a problem out of any refusal, also one that is not a problem document. */
export async function problemFrom(response: Response): Promise<ApiProblem> {
  let document: ProblemDocument = {};
  try {
    document = (await response.clone().json()) as ProblemDocument;
  } catch {
    document = {}; // a proxy's HTML page: the status speaks
  }
  return new ApiProblem({
    status: response.status,
    code: text(document.code, `http_${response.status}`),
    title: text(document.title, response.statusText || "The request failed"),
    detail: text(document.detail, "The server gave no further explanation."),
    requestId: text(document.request_id, response.headers.get("X-Request-Id") ?? "") || null,
    errors: Array.isArray(document.errors) ? document.errors.filter(isFieldProblem) : [],
  });
}

/** Any thrown thing as a problem the page can show. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem({
    status: 0,
    code: "unexpected",
    title: "Something went wrong in the page",
    detail: error instanceof Error ? error.message : "Unknown error",
    requestId: null,
    errors: [],
  });
}
