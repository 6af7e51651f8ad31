#include "tasks/settings_file.h"

#include <carousel/error.h>
#include <gmock/gmock.h>

#include <limits>
#include <string>

#include "model/encoder_decoder.h"

namespace carousel {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// The message that a text is refused with; "" if it is not.
std::string refusal(const std::string& text) {
  try {
    from_toml<ForecastSettings>(text, "run.toml");
  } catch (const SettingError& error) {
    return error.what();
  }
  return "";
}

ForecastSettings everything() {
  ForecastSettings s;
  s.data = "a \"b\"\\c\n\x01 – d.csv";
  s.checksum = "fnv1a64:0123456789abcdef";
  s.test_data = "later.csv";
  s.test_checksum = "fnv1a64:0123456789abcde0";
  s.form = SeriesForm::wide;
  s.statics = {"region", "size"};
  s.static_data = "shops.csv";
  s.static_checksum = "fnv1a64:0123456789abcde1";
  s.targets = {"x", "y, z", ""};
  s.past = {"p"};
  s.known = {"k1", "k2"};
  s.id = "shop";
  s.time = "";
  s.date_order = DateOrder::month_first;
  s.missing = Missing::mask;
  s.split = SplitFractions{0.1 + 0.2, 0.25, 0.125};
  s.season = 0;
  s.horizon = 7;
  s.context = 99;
  s.lags = {48, 336};
  s.mode = ForecastMode::recursive;
  s.calendar = {CalendarFeature::day_of_week, CalendarFeature::month_of_year};
  s.scaling = Scaling::minmax;
  s.transform = Transform::log;
  s.anchor = Anchor::seasonal;
  s.layers = "lstm 8, dropout 0.1";
  s.loss = "huber";
  s.loss_options.quantiles = {0.05, 0.5, 1.0 - 1e-16};
  s.loss_options.delta = 2;
  s.loss_options.components = 5;
  s.training.epochs = 3;
  s.training.updates_per_epoch = 17;
  s.training.batch = 9;
  s.training.optimizer.name = "sgd";
  s.training.optimizer.momentum = 0.9;
  s.training.optimizer.weight_decay = 1e-300;
  s.training.schedule.name = "plateau";
  s.training.schedule.learning_rate = 5e-324;
  s.training.schedule.warm_up_updates = 4;
  s.training.schedule.step_epochs = 6;
  s.training.schedule.factor = 0.3;
  s.training.schedule.plateau_epochs = 8;
  s.training.schedule.minimum_rate = 1e22;
  s.training.clip_norm = std::numeric_limits<double>::max();
  s.training.average = 0.1 + 0.2;
  s.training.patience = 0;
  s.training.time_limit_seconds = 1e-5;
  s.validation_windows = 10;
  s.training.seed = std::numeric_limits<std::int64_t>::max();
  s.test_windows = 11;
  s.origins = 4;
  s.stride = 6;
  return s;
}

TEST(SettingsFile, text_and_settings_are_each_others_inverse) {
  ForecastSettings without_layers = everything();
  without_layers.layers.reset();
  without_layers.hidden = 5;
  without_layers.dropout = 1.0 / 3;
  for (const ForecastSettings& settings : {ForecastSettings{}, everything(), without_layers}) {
    const std::string text = to_toml(settings);
    const ForecastSettings back = from_toml<ForecastSettings>(text, "run.toml");
    EXPECT_EQ(to_toml(back), text);
    EXPECT_EQ(back.data, settings.data);
    EXPECT_EQ(back.targets, settings.targets);
    EXPECT_EQ(back.id, settings.id);
    EXPECT_EQ(back.time, settings.time);
    ASSERT_EQ(back.split.has_value(), settings.split.has_value());
    if (settings.split) {
      EXPECT_EQ(to_string(*back.split), to_string(*settings.split));
    }
    EXPECT_EQ(back.test_data, settings.test_data);
    EXPECT_EQ(back.test_checksum, settings.test_checksum);
    EXPECT_EQ(back.form, settings.form);
    EXPECT_EQ(back.statics, settings.statics);
    EXPECT_EQ(back.static_data, settings.static_data);
    EXPECT_EQ(back.static_checksum, settings.static_checksum);
    EXPECT_EQ(back.loss_options.components, settings.loss_options.components);
    EXPECT_EQ(back.origins, settings.origins);
    EXPECT_EQ(back.stride, settings.stride);
    EXPECT_EQ(back.season, settings.season);
    EXPECT_EQ(back.context, settings.context);
    EXPECT_EQ(back.lags, settings.lags);
    EXPECT_EQ(back.calendar, settings.calendar);
    EXPECT_EQ(back.anchor, settings.anchor);
    EXPECT_EQ(back.layers, settings.layers);
    EXPECT_EQ(back.dropout, settings.dropout);
    EXPECT_EQ(back.loss, settings.loss);
    EXPECT_EQ(back.loss_options.quantiles, settings.loss_options.quantiles);
    EXPECT_EQ(back.training.optimizer.name, settings.training.optimizer.name);
    EXPECT_EQ(back.training.optimizer.weight_decay, settings.training.optimizer.weight_decay);
    EXPECT_EQ(back.training.schedule.learning_rate, settings.training.schedule.learning_rate);
    EXPECT_EQ(back.training.schedule.minimum_rate, settings.training.schedule.minimum_rate);
    EXPECT_EQ(back.training.seed, settings.training.seed);
    EXPECT_EQ(back.test_windows, settings.test_windows);
  }
}

TEST(SettingsFile, texts_and_comments_may_hold_any_letter) {
  const ForecastSettings s = from_toml<ForecastSettings>(
      "# ȓ \"\n"
      "[data] # '''\n"
      "path = \"\\\"ȓ~~(41)\" # ȓ\n"
      "targets = ['ȓ', \"\", \"\"\"\n\"ȓ\"\"\"\", '''\nȓ\\''']\n",
      "run.toml");
  EXPECT_EQ(s.data, "\"ȓ~~(41)");
  EXPECT_EQ(s.targets, (std::vector<std::string>{"ȓ", "", "\"ȓ\"", "ȓ\\"}));
}

TEST(SettingsFile, what_is_left_out_keeps_its_standard_value) {
  const ForecastSettings s = from_toml<ForecastSettings>(
      "# a comment\n[data]\npath = 'x.csv' # here too\n[forecast]\nhorizon = 24\n", "run.toml");
  EXPECT_EQ(s.data, "x.csv");
  EXPECT_EQ(s.horizon, 24);
  EXPECT_EQ(s.training.batch, ForecastSettings{}.training.batch);
  EXPECT_FALSE(s.context.has_value());
}

struct Hostile {
  std::string text, message;
};

/// The text is what a failure shows.
void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.text.substr(0, 60); }

class HostileToml : public testing::TestWithParam<Hostile> {};

TEST_P(HostileToml, gets_one_line_with_source_line_and_what_is_wrong) {
  const std::string message = refusal(GetParam().text);
  EXPECT_THAT(message, AllOf(HasSubstr("run.toml"), HasSubstr(GetParam().message), Not(HasSubstr("\n"))));
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileToml,
    testing::Values(Hostile{"[data]\npaht = 'x'\n",
                            "run.toml, line 2: data.paht: there is no such setting; did you mean 'path'?"},
                    Hostile{"[dta]\n", "line 1: dta: there is no such setting; did you mean 'data'?"},
                    Hostile{"horizon = 3\n", "line 1: horizon: there is no such setting"},
                    Hostile{"[forecast]\n\nhorizon = 'x'\n",
                            "line 3: forecast.horizon: found a text, expected a whole number"},
                    Hostile{"[forecast]\nhorizon = 1.5\n",
                            "line 2: forecast.horizon: found a number, expected a whole number"},
                    Hostile{"[forecast]\nhorizon = -1\n",
                            "line 2: forecast.horizon: found -1, expected a whole number of at least 0"},
                    Hostile{"[forecast]\nhorizon = 99999999999999999999\n", "line 2"},
                    Hostile{"[training]\nlearning_rate = true\n",
                            "training.learning_rate: found true or false, expected a number"},
                    Hostile{"[training]\nlearning_rate = 1979-05-27\n", "found a date, expected a number"},
                    Hostile{"[training]\nquantiles = 0.5\n",
                            "training.quantiles: found a number, expected a list in brackets"},
                    Hostile{"[training]\nquantiles = [0.1, 'x']\n",
                            "training.quantiles: found a text, expected a number"},
                    Hostile{"[data]\ntargets = [['x']]\n", "data.targets: found an array, expected a text"},
                    Hostile{"data = 3\n", "line 1: data: found a whole number, expected a table"},
                    Hostile{"[data]\nsplit = '1,2,3,4'\n", "line 2: data.split: split: found '1,2,3,4'"},
                    Hostile{"[data]\nmissing = 'maks'\n",
                            "line 2: data.missing: missing: there is no 'maks'; did you mean 'mask'?"},
                    Hostile{"[forecast]\ncalendar = ['hour_of_dy']\n", "hour_of_day"},
                    Hostile{"[data\n", "line 1"}, Hostile{"[data]\npath = 'x\n", "line 2"},
                    Hostile{"[data]\n[data]\n", "line 2"},
                    Hostile{"[data]\npath = 'x'\npath = 'y'\n", "line 3"},
                    Hostile{std::string("\x00\x01\xff\xfe", 4), "line 1"},
                    Hostile{"[data]\npath = \"\xff\"\n", "line 2"},
                    Hostile{std::string(100000, '['), "no TOML text"},
                    Hostile{"x = " + std::string(100000, '['), "line 1"},
                    Hostile{"\n[\fpath = \"", "line 2: found the byte 0x0c"}, Hostile{"aȓ = 1\n", "line 1"},
                    Hostile{"\"ȓ\" = 1\n", "line 1: ȓ: there is no such setting"},
                    Hostile{std::string(kMaxSettingsBytes + 1, ' '), "at most"}));

TEST(SettingsFile, LayersMayBeTablesWithTheWordsOfTheSpec) {
  const std::string text = R"([network]
layers = [
  {kind = "peephole", hidden = 64, forget_gate = "coupled", layer_norm = true, zoneout_cell = 0.25},
  {kind = "bidirectional", merge = "sum", layers = [{kind = "gru", hidden = 8}, {kind = "dense", outputs = 3}]},
  {kind = "dense", outputs = 1, bias = false},
]
)";
  EXPECT_EQ(from_toml<ForecastSettings>(text, "run.toml").layers,
            "peephole forget_gate=coupled hidden=64 layer_norm=on zoneout_cell=0.25, "
            "bidirectional(gru hidden=8, dense outputs=3) merge=sum, dense bias=off outputs=1");
  EXPECT_EQ(from_toml<ForecastSettings>(
                "[[network.layers]]\nkind = \"lstm\"\nhidden = 4\n[[network.layers]]\nkind = "
                "\"dense\"\noutputs = 1\n",
                "run.toml")
                .layers,
            "lstm hidden=4, dense outputs=1");
  const std::string pair = from_toml<ForecastSettings>(R"([[network.layers]]
kind = "encoder_decoder"
symbols = 7
attention = "dot"
bridge = "none"
layers = [{kind = "encoder", layers = [{kind = "lstm", hidden = 4}]},
          {kind = "decoder", layers = [{kind = "gru", hidden = 4}]}]
)",
                                                       "run.toml")
                               .layers.value();
  EXPECT_EQ(
      pair,
      "encoder_decoder(encoder(lstm hidden=4), decoder(gru hidden=4)) attention=dot bridge=none symbols=7");
  EXPECT_EQ(EncoderDecoder<float>(pair, 2).symbols(), 7u);
  const std::string wiring = from_toml<ForecastSettings>(R"([[network.layers]]
kind = "lstm_g"
layers = [{kind = "units", values = ["h", 8, "tanh"]}, {kind = "connect", values = ["x", "h", "all"], weight = 0.5},
          {kind = "connect", values = ["h", "h", "each"]}, {kind = "outputs", values = ["h"]}]
)",
                                                         "run.toml")
                                 .layers.value();
  EXPECT_EQ(wiring, "lstm_g(units h 8 tanh, connect x h all weight=0.5, connect h h each, outputs h)");
  EXPECT_EQ(Network<float>(wiring, 2).outputs(), 8u);
  EXPECT_THAT(refusal("[network]\nlayers = [{kind = \"lstm\", values = 4}]\n"),
              HasSubstr("network.layers.values: found a whole number, expected a list of words"));
  EXPECT_THAT(refusal("[network]\nlayers = [{hidden = 4}]\n"),
              HasSubstr("line 2: network.layers: found a table, expected a table with a kind"));
  EXPECT_THAT(refusal("[network]\nlayers = [\"lstm 4\"]\n"), HasSubstr("expected a table such as"));
  EXPECT_THAT(refusal("[network]\nlayers = [{kind = \"lstm\", hidden = \"4, dense 3\"}]\n"),
              HasSubstr("network.layers.hidden: found a text, expected one word"));
  EXPECT_THAT(refusal("[network]\nlayers = [{kind = \"lstm\", hidden = [4]}]\n"),
              HasSubstr("expected a word, a number, true or false"));
  EXPECT_THAT(refusal("[network]\nlayers = [{kind = \"reversed\", layers = 3}]\n"),
              HasSubstr("expected a list of tables"));
}

}  // namespace
}  // namespace carousel
