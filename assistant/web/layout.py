"""Where everything is on the page, and its colours. Nothing here reacts to anything."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from html import escape
from typing import Any

import gradio as gr

from assistant.web import content

FILES_TAB, TRAINING_TAB = "files", "training"
FRAMEWORKS = {"Automatic": None, "PyTorch": "pytorch", "Keras": "tensorflow"}
DRAFTERS = {"Automatic": "auto", "Model": "llm", "Embedded": "embedded"}

HEADER = """<header class="masthead"><h1>gradproof</h1>
<p>PyTorch and Keras projects that were run and checked before you see them.</p></header>"""

DRAFTING = '<p title="{model} drafts; with Automatic the embedded drafter stands in where it fails">Drafter</p>'

PLACEHOLDER = """## What shall we train?
Say what to learn and from which data.
The project is written, run in a sandbox and checked; you get the evidence with it."""

EXAMPLES = [
    "Train a small CNN on scikit-learn's handwritten digits with early stopping and TensorBoard",
    "An MLP in Keras for the wine data, with a cosine learning-rate schedule",
    "Predict diabetes progression with an MLP in PyTorch, AdamW and gradient clipping",
    "How do I clip gradients when I train with mixed precision in PyTorch?",
]


@dataclass(frozen=True)
class Parts:
    """Everything on the page that changes."""

    thread: gr.BrowserState
    past: gr.State
    """The messages before the question that is being worked on."""
    files: gr.State
    scalars: gr.State
    chat: gr.Chatbot
    composer: gr.MultimodalTextbox
    framework: gr.Radio
    drafter: gr.Radio
    stop: gr.Button
    begin: gr.Button
    status: gr.HTML
    archive: gr.DownloadButton
    tabs: gr.Tabs
    file: gr.Radio
    code: gr.Code
    checks: gr.HTML
    losses: gr.LinePlot
    scalar: gr.Dropdown
    scalar_plot: gr.LinePlot
    figures: gr.HTML
    output: gr.Code

    def everything(self) -> Iterator[Any]:
        """Every part that an answer may change."""
        for field in fields(self):
            if field.name not in ("framework", "drafter", "begin"):
                yield getattr(self, field.name)


def theme() -> gr.themes.Base:
    """The system's own fonts: none is fetched."""
    sans = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
    mono = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
    base = gr.themes.Base(
        primary_hue="teal", secondary_hue="teal", neutral_hue="slate", radius_size="lg", font=sans, font_mono=mono
    )
    return base.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_text_color="white",
        button_cancel_background_fill="#b91c1c",
        button_cancel_background_fill_hover="#991b1b",
        button_cancel_background_fill_dark="#b91c1c",
        button_cancel_text_color="white",
        color_accent="*primary_700",
        color_accent_soft="*primary_50",
        color_accent_soft_dark="*neutral_800",
    )


def lay_out(*, model: str | None) -> Parts:
    """The conversation on the left, its project on the right; on a phone one below the other.

    Who drafts can be chosen where there is a model.
    """
    state: dict[str, Any] = {
        # Gradio sends this "secret" to every browser; a random one would lose the conversations at each restart.
        "thread": gr.BrowserState(storage_key="gradproof.thread", secret="gradproof"),
        "past": gr.State([]),
        "files": gr.State({}),
        "scalars": gr.State({}),
    }
    with gr.Row(elem_classes="topbar"):
        gr.HTML(HEADER)
        begin = gr.Button("New conversation", size="sm", scale=0, min_width=150, elem_id="begin")
    with gr.Row(elem_classes="columns"):
        with gr.Column(scale=5, min_width=320, elem_classes="conversation"):
            conversation = _lay_out_conversation(model)
        with gr.Column(scale=6, min_width=320, elem_classes="project"):
            project = _lay_out_project()
    return Parts(**state, begin=begin, **conversation, **project)


def _lay_out_conversation(model: str | None) -> dict[str, Any]:
    chat = gr.Chatbot(
        label="Conversation",
        show_label=False,
        height="calc(100dvh - 290px)",
        min_height=380,
        layout="bubble",
        placeholder=PLACEHOLDER,
        examples=[{"text": text} for text in EXAMPLES],
        buttons=["copy"],
        feedback_options=None,
        latex_delimiters=[],
        allow_tags=False,
        sanitize_html=True,
        elem_id="chat",
    )
    composer = gr.MultimodalTextbox(
        label="Your question",
        show_label=False,
        placeholder="Ask for a project; attach a CSV or .npz",
        sources=["upload"],
        file_types=[".csv", ".npz", ".py"],
        file_count="multiple",
        max_lines=8,
        autofocus=True,
        elem_id="composer",
    )
    with gr.Row(elem_classes="controls"):
        framework = gr.Radio(
            list(FRAMEWORKS), value="Automatic", label="Framework", elem_id="framework", container=False
        )
        stop = gr.Button("Stop", variant="stop", size="sm", scale=0, min_width=110, visible=False, elem_id="stop")
    with gr.Row(elem_classes="controls drafting", visible=model is not None):
        gr.HTML(DRAFTING.format(model=escape(model or "")), elem_id="model")
        drafter = gr.Radio(list(DRAFTERS), value="Automatic", label="Drafter", elem_id="drafter", container=False)
    return {"chat": chat, "composer": composer, "framework": framework, "drafter": drafter, "stop": stop}


def _lay_out_project() -> dict[str, Any]:
    with gr.Row(elem_classes="verdict"):
        status = gr.HTML(content.status_html(None, None), elem_id="status")
        archive = gr.DownloadButton(
            "Download project",
            variant="primary",
            size="sm",
            scale=0,
            min_width=170,
            interactive=False,
            elem_id="archive",
        )
    with gr.Tabs(selected=FILES_TAB, elem_id="tabs") as tabs:
        with gr.Tab("Files", id=FILES_TAB):
            file = gr.Radio([], label="File", show_label=False, visible=False, container=False, elem_id="file")
            code = gr.Code(label="Code", language="python", lines=24, max_lines=30, interactive=False, elem_id="code")
        with gr.Tab("Checks"):
            checks = gr.HTML(content.checks_html([]), elem_id="checks")
        with gr.Tab("Training", id=TRAINING_TAB):
            losses = gr.LinePlot(
                x="step", y="loss", title="Loss by optimiser step", height=260, elem_id="losses", buttons=[]
            )
            scalar = gr.Dropdown([], label="Recorded by the program (TensorBoard)", visible=False, elem_id="scalar")
            scalar_plot = gr.LinePlot(x="step", y="value", height=220, visible=False, elem_id="scalar-plot", buttons=[])
        with gr.Tab("Figures"):
            figures = gr.HTML(content.figures_html(None), elem_id="figures")
        with gr.Tab("Output"):
            output = gr.Code(
                label="What the program wrote",
                language=None,
                lines=24,
                max_lines=30,
                interactive=False,
                elem_id="output",
            )
    return {
        "status": status,
        "archive": archive,
        "tabs": tabs,
        "file": file,
        "code": code,
        "checks": checks,
        "losses": losses,
        "scalar": scalar,
        "scalar_plot": scalar_plot,
        "figures": figures,
        "output": output,
    }
