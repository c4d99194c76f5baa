// The whole screen: the gate, and behind it the desk.
import { useMessages } from "../catalogue/catalogue";
import { Gate } from "../features/sign-in/gate";
import { Toasts } from "../ui/toasts";
import { Boundary } from "./boundary";
import { Shell } from "./shell";

export function App() {
  // Everything is drawn anew in another language, also what asks the catalogue outside of React.
  useMessages();
  return (
    <>
      <Boundary resetKey="app">
        <Gate>
          <Shell />
        </Gate>
      </Boundary>
      <Toasts />
    </>
  );
}
