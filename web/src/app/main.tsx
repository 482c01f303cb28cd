import "@fontsource-variable/ibm-plex-sans/wght.css";
import "./mantine.css";
import "./global.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { retryStyleSheets } from "@/lib/styleSheets";
import { App } from "./App";
import { makeQueryClient } from "./queryClient";
import { makeRouter } from "./router";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
retryStyleSheets();
createRoot(root).render(
  <StrictMode>
    <App client={makeQueryClient()} router={makeRouter()} />
  </StrictMode>,
);
