import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { notifyDone } from "@/components/notify";
import { Page } from "@/components/Page";
import { api, ask } from "@/lib/api";
import { useOnce } from "@/lib/once";
import type { Schedule } from "@/lib/task";
import { viewerZone } from "@/lib/zone";
import { blank, type Draft, inputOf, sentJson } from "./draft";
import { TaskForm } from "./TaskForm";

export function NewTaskPage() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const once = useOnce();
  const [initial] = useState(() => blank(viewerZone));

  async function create(draft: Draft, schedule: Schedule) {
    const body = {
      ...inputOf(draft, schedule),
      id: draft.id.trim() || undefined,
      paused: draft.paused || undefined,
    };
    const json = sentJson(body, draft);
    const made = await once(json, (header) =>
      ask(api.POST("/api/v1/tasks", { params: { header }, body, bodySerializer: () => json })),
    );
    void client.invalidateQueries({ queryKey: ["tasks"] });
    if ("event_id" in made) {
      notifyDone("The task is taken", "It is not confirmed yet; it shows in the list soon.");
      return () => navigate({ to: "/tasks" });
    }
    notifyDone(`${made.name || made.id} is saved`);
    return () => navigate({ to: "/tasks/$taskId", params: { taskId: made.id } });
  }

  return (
    <Page title="New task" narrow>
      <TaskForm initial={initial} isNew onSave={create} onCancel={() => void navigate({ to: "/tasks" })} />
    </Page>
  );
}
