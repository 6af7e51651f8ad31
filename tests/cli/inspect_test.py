"""inspect: what a model file holds, be it a network or an encoder-decoder."""
import shutil
import unittest

from support import PROJECT, CliCase, environment


class Networks(CliCase):
    def test_inspect_shows_the_options_of_layers(self):
        layers = "parallel(conv1d 4 kernel=3, stack(lstm 4, dense 2)), layer_norm eps=0.001, conv1d 5 kernel=2 dilation=3 activation=tanh"
        self.run_program("train", "forecast", "sales.csv", "--layers", layers, "--epochs", "1", "--out", "runs/b")
        shown = self.json_of("inspect", "runs/b")["layers"]
        self.assertEqual([layer["layer"] for layer in shown[:3]],
                         ["parallel, 2 branches", "layer_norm, eps 0.001",
                          "conv1d, 5 outputs, kernel 2, stride 1, dilation 3, padding causal, tanh"])
        self.assertEqual([layer["state_size"] for layer in shown[1:3]], [0, 18])
        self.assertEqual(shown[1]["parameters"], 12)

    def test_inspect_shows_units_connections_and_gaters(self):
        layers = "lstm_g(units i 4 sigmoid, units c 4 tanh, connect x i, connect c c self weight=1, connect x c gater=i, outputs c)"
        self.run_program("train", "forecast", "sales.csv", "--layers", layers, "--epochs", "1", "--out", "runs/c")
        wiring = ("units i 4 sigmoid\nunits c 4 tanh\nconnect x i all\nconnect c c self weight=1\nconnect x c all gater=i\n"
                  "outputs c\n")
        shown = self.json_of("inspect", "runs/c")
        self.assertEqual(shown["layers"][0]["layer"], "lstm_g, 8 units in 2 groups, 3 connections, 1 of them gated")
        self.assertEqual(shown["details"], {"layers.0": wiring})
        self.assertIn("layers.0\n" + wiring, self.run_program("inspect", "runs/c")[0])

    def test_layers_inside_others_stand_below_them_with_their_kernels(self):
        layers = "parallel(lstm 4, gru 4), residual(gru 8), dropout 0.1, conv1d 5 kernel=2, mlstm 4 heads=2, min_lstm 4"
        self.run_program("train", "forecast", "sales.csv", "--layers", layers, "--epochs", "1", "--out", "runs/d")
        outer = self.json_of("inspect", "runs/d")["layers"]
        both = outer[0]["layers"]
        self.assertEqual(outer[0]["parameters"], sum(layer["parameters"] for layer in both))
        self.assertEqual([both[0]["name"], both[1]["name"], outer[1]["layers"][0]["name"]], ["layers.0.0", "layers.0.1", "layers.1"])
        self.assertEqual(both[0]["kernel"], "gates fused with the product, one sequence by a kernel of its own")
        self.assertEqual([layer["kernel"] for layer in outer[:4]], [None, None, None, "windows as rows of a product"])
        self.assertIn("memory", outer[4]["kernel"])
        self.assertIn("scan by blocks", outer[5]["kernel"])
        self.assertEqual(outer[1]["layers"][0]["kernel"], "gates fused with the product")
        text = " ".join(self.run_program("inspect", "runs/d", env=environment(COLUMNS="200"))[0].split())
        self.assertIn("layers.0 parallel, 2 branches", text)
        self.assertIn("layers.0.0 lstm, hidden 4; gates fused with the product, one sequence by a kernel", text)


class Specs(CliCase):
    """Layers that nothing has been trained with."""

    def test_shows_what_would_be_built(self):
        shown = self.json_of("inspect", "peephole_cell_feedback 4, dense 2", "--inputs", "3")
        self.assertEqual([shown["file"], shown["inputs"], shown["outputs"], shown["parameters"], shown["metadata"]],
                         [None, 3, 2, 16 * 3 + 3 * 16 + 16 + 10, {}])
        self.assertEqual(shown["layers"][0]["kernel"], "gates of all rows behind the products")
        out, _ = self.run_program("inspect", "lstm 4", "--inputs", "3")
        self.assertTrue(out.startswith("lstm 4\n3 inputs and 4 outputs a time step; 128 parameters"), out)
        self.assertNotIn("Metadata", out)
        both = self.json_of("inspect", "encoder_decoder(encoder(lstm 4), decoder(lstm 4)) symbols=5", "--inputs", "2")
        self.assertEqual([both["inputs"], both["symbols"]], [2, 5])
        self.assertEqual(self.json_of("inspect", "transducer(encoder(lstm 4), prediction(lstm 4)) symbols=5", "--inputs", "2")["symbols"], 5)

    def test_says_what_cannot_be(self):
        self.assert_refused(["inspect", "md_lstm 4 size=4x4 window=5x5", "--inputs", "16"], 2, "window: 5x5 is larger than the image")
        self.assert_refused(["inspect", "lstm 4", "--inputs", "0"], 2, "--inputs")
        self.assert_refused(["inspect", "lstm 4"], 2, "no file 'lstm 4'", "--inputs 3")
        for name in ("lstm4", "my lstm", "no such.json"):
            self.assert_refused(["inspect", name], 1, name)
        self.assert_refused(["inspect", ".", "--inputs", "3"], 2, "--inputs", "leave --inputs out")
        (self.folder / "layer_norm").mkdir()
        self.assertEqual(self.json_of("inspect", "layer_norm", "--inputs", "3")["outputs"], 3)


class EncoderDecoders(CliCase):
    """The model is one of the fuzzer's seeds: a bidirectional gru, additive attention and a peephole lstm."""

    def setUp(self):
        super().setUp()
        for weights in ("float32", "int8"):
            shutil.copy(PROJECT / f"tests/fuzz/corpus/model/encoder_decoder.{weights}.safetensors", self.folder / weights)

    def test_shows_all_parts(self):
        shown = self.json_of("inspect", "float32")
        self.assertTrue(shown["spec"].startswith("encoder_decoder(encoder(embedding 3 2, bidirectional(gru 2))"), shown["spec"])
        self.assertEqual([shown["inputs"], shown["symbols"], shown["weights"]], [1, 3, "float32"])
        parts = {part["name"]: part for part in shown["layers"]}
        self.assertEqual(list(parts), ["encoder", "bridge", "embedding", "decoder", "attention", "output"])
        self.assertEqual(shown["parameters"], sum(part["parameters"] for part in parts.values()))
        self.assertEqual([parts["encoder"]["outputs"], parts["decoder"]["inputs"], parts["output"]["outputs"]], [4, 6, 4])
        self.assertEqual([layer["name"] for layer in parts["encoder"]["layers"]], ["encoder.0", "encoder.1"])
        self.assertEqual(parts["attention"]["layer"], "additive, width 2")
        self.assertIn("tanh fused with the sum", parts["attention"]["kernel"])
        self.assertEqual(parts["decoder"]["layers"][0]["kernel"], "gates fused with the product")
        self.assertEqual(next(t["shape"] for t in shown["tensors"] if t["name"] == "attention.U"), [2, 4])
        self.assertEqual([(s["part"], s["batch"]) for s in shown["schedules"]],
                         [("encoder", 1), ("encoder", 32), ("search", 1), ("search", 32)])

    def test_in_words(self):
        out, err = self.run_program("inspect", "float32", env=environment(COLUMNS="200"))
        self.assertEqual(err, "")
        text = " ".join(out.split())
        for part in ("1 inputs a time step, 3 symbols put out", "encoder.1.forward gru, hidden 2, reset after the product; gates fused",
                     "bridge the decoder's first state from the encoder's last, tanh", "decoder.0 peephole, hidden 3",
                     "attention additive, width 2", "output logits of 3 symbols and the end",
                     "encoder.1.backward gru", "one source", "share 32 hypotheses by rows"):
            self.assertIn(part, text)

    def test_weights_in_fewer_bits(self):
        shown = self.json_of("inspect", "int8")
        self.assertEqual(shown["weights"], "int8")
        kept = {tensor["name"]: tensor["weights"] for tensor in shown["tensors"]}
        self.assertEqual([kept["attention.U"], kept["attention.v"], kept["bridge.W"]], ["int8", "float32", "int8"])


class Transducers(CliCase):
    """One of the fuzzer's seeds: a gru and a pyramid, and an Elman network of the symbols."""

    def setUp(self):
        super().setUp()
        shutil.copy(PROJECT / "tests/fuzz/corpus/model/transducer.float32.safetensors", self.folder / "model")

    def test_shows_all_parts(self):
        shown = self.json_of("inspect", "model")
        self.assertEqual([shown["inputs"], shown["symbols"]], [1, 2])
        parts = {part["name"]: part for part in shown["layers"]}
        self.assertEqual(list(parts), ["encoder", "embedding", "prediction", "joint", "output"])
        self.assertEqual(shown["parameters"], sum(part["parameters"] for part in parts.values()))
        self.assertEqual([(s["part"], s["batch"]) for s in shown["schedules"]], [("encoder", 1), ("encoder", 32)])

    def test_in_words(self):
        text = " ".join(self.run_program("inspect", "model", env=environment(COLUMNS="200"))[0].split())
        for part in ("1 inputs a time step, 2 symbols put out", "prediction.0 rnn", "joint tanh, width 3",
                     "output logits of 2 symbols and the blank"):
            self.assertIn(part, text)


if __name__ == "__main__":
    unittest.main()
