import { createBrowserRouter } from "react-router";

import { NotFound } from "@/app/not-found";
import { AppShell } from "@/app/shell/app-shell";
import { AuthPage } from "@/features/auth/auth-page";

export const router = createBrowserRouter([
  { path: "/sign-in", element: <AuthPage key="sign-in" kind="sign-in" /> },
  { path: "/register", element: <AuthPage key="register" kind="register" /> },
  {
    path: "/",
    element: <AppShell />,
    children: [
      { path: "*", element: <NotFound /> },
    ],
  },
]);
