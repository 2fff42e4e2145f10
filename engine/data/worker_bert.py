"""Worker-only: the BERT encoder in plain torch. Importing transformers for it would cost 5 s and 200 MB.

Test: equal to sentence-transformers on the packaged model within 1e-5.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch.nn import functional

from engine.project.files import read_json

F: Any = functional  # torch is not type-checked here


class Bert:
    """Encoder weights and the forward pass. Post-norm, erf GELU, learned positions (BERT, 2018)."""

    def __init__(self, weights: dict[str, Any], heads: int, layers: int, epsilon: float) -> None:
        self.weights = weights
        self.heads, self.layers, self.epsilon = heads, layers, epsilon

    @classmethod
    def load(cls, folder: Path) -> Bert:
        """Read config.json and model.safetensors from a folder."""
        config = read_json(folder / "config.json")
        weights = load_file(folder / "model.safetensors")
        return cls(
            weights, config["num_attention_heads"], config["num_hidden_layers"], config.get("layer_norm_eps", 1e-12)
        )

    def bfloat16(self) -> Bert:
        """Return a copy in half precision."""
        half = {name: value.bfloat16() if value.is_floating_point() else value for name, value in self.weights.items()}
        return Bert(half, self.heads, self.layers, self.epsilon)

    def hidden(self, ids: Any, mask: Any) -> Any:
        """Last hidden states (rows x tokens x width) in fp32. `mask` is 1 for tokens, 0 for padding."""
        words = self.weights
        count = ids.shape[1]
        state = F.embedding(ids, words["embeddings.word_embeddings.weight"])
        state = state + words["embeddings.position_embeddings.weight"][:count]
        state = state + words["embeddings.token_type_embeddings.weight"][0]
        state = self._norm(state, "embeddings.LayerNorm")
        visible = None if bool(mask.all()) else mask[:, None, None, :].bool()
        for layer in range(self.layers):
            state = self._layer(state, f"encoder.layer.{layer}", visible)
        return state.float()

    def _layer(self, state: Any, name: str, visible: Any) -> Any:
        rows, count, width = state.shape
        parts = [
            self._linear(state, f"{name}.attention.self.{part}").view(rows, count, self.heads, -1).transpose(1, 2)
            for part in ("query", "key", "value")
        ]
        seen = F.scaled_dot_product_attention(*parts, attn_mask=visible)
        seen = self._linear(seen.transpose(1, 2).reshape(rows, count, width), f"{name}.attention.output.dense")
        state = self._norm(state + seen, f"{name}.attention.output.LayerNorm")
        wide = F.gelu(self._linear(state, f"{name}.intermediate.dense"))
        return self._norm(state + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _linear(self, state: Any, name: str) -> Any:
        return F.linear(state, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _norm(self, state: Any, name: str) -> Any:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return F.layer_norm(state, (state.shape[-1],), weight, bias, self.epsilon)
