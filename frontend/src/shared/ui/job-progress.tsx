import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { api, unwrap } from "@/shared/api/client";
import { hasEnded, jobQuery } from "@/shared/api/jobs";
import type { Job } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { Icon } from "@/shared/ui/icon";
import { ProgressBar } from "@/shared/ui/progress";
import { QueryView } from "@/shared/ui/states";
import { useToasts } from "@/shared/ui/toast";

/** A job from queue to result: bar, time left, cancel, then `children` with the finished job. */
export function JobView({ id, children }: { id: string; children: (job: Job) => ReactNode }) {
  const client = useQueryClient();
  const toasts = useToasts();
  const job = useQuery(jobQuery(id));
  const cancel = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id } } })),
    onError: toasts.failure,
    onSettled: () => void client.invalidateQueries({ queryKey: ["jobs", id] }),
  });
  return (
    <QueryView query={job}>
      {(data) => {
        if (data.state === "failed" || data.state === "cancelled") {
          return (
            <p role="alert" className="flex items-center gap-2 text-sm text-muted">
              <Icon name="alert" className="size-5 text-warn" />
              {data.state === "cancelled"
                ? "This job was canceled."
                : `This job failed: ${data.error ?? "no reason was given."}`}
            </p>
          );
        }
        if (!hasEnded(data) || !data.result) {
          return (
            <div className="flex items-end gap-4">
              <div className="flex-1">
                <ProgressBar
                  phase={data.state === "queued" ? "waiting in the queue" : data.progress.phase}
                  fraction={data.progress.fraction}
                  etaSeconds={data.progress.eta_s}
                />
              </div>
              <Button size="small" busy={cancel.isPending} onClick={() => cancel.mutate()}>
                Cancel
              </Button>
            </div>
          );
        }
        return children(data);
      }}
    </QueryView>
  );
}
