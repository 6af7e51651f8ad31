// The one list of settings as a file names them; writing and reading both go through it.
#pragma once

#include <concepts>
#include <type_traits>

#include "tasks/control_settings.h"
#include "tasks/detect_settings.h"
#include "tasks/forecast_settings.h"
#include "tasks/generate_settings.h"
#include "tasks/sequence_settings.h"
#include "tasks/translate_settings.h"

namespace carousel {

/// How gradients change weights: a part of TrainingSettings, const or not, inside the table that the visitor
/// is at.
template <class Settings, class Visitor>
void visit_update_rule(Settings& s, Visitor& visitor) {
  visitor.value("optimizer", s.optimizer.name);
  visitor.value("momentum", s.optimizer.momentum);
  visitor.value("weight_decay", s.optimizer.weight_decay);
  visitor.value("learning_rate", s.schedule.learning_rate);
  visitor.value("schedule", s.schedule.name);
  visitor.value("warm_up_updates", s.schedule.warm_up_updates);
  visitor.value("step_epochs", s.schedule.step_epochs);
  visitor.value("factor", s.schedule.factor);
  visitor.value("plateau_epochs", s.schedule.plateau_epochs);
  visitor.value("minimum_rate", s.schedule.minimum_rate);
}

/// The values of TrainingSettings, const or not, inside the table that the visitor is at.
template <class Settings, class Visitor>
void visit_training(Settings& s, Visitor& visitor) {
  visitor.value("epochs", s.epochs);
  visitor.value("updates_per_epoch", s.updates_per_epoch);
  visitor.value("batch", s.batch);
  visit_update_rule(s, visitor);
  visitor.value("clip_norm", s.clip_norm);
  visitor.value("average", s.average);
  visitor.value("recompute", s.recompute);
  visitor.value("patience", s.patience);
  visitor.value("time_limit", s.time_limit_seconds);
  visitor.value("seed", s.seed);
}

/// Those of a genetic algorithm, const or not, inside the table that the visitor is at.
template <class Options, class Visitor>
void visit_genetic(Options& o, Visitor& visitor) {
  visitor.value("selection", o.selection);
  visitor.value("selected", o.selected);
  visitor.value("crossover", o.crossover);
  visitor.value("crossover_probability", o.crossover_probability);
  visitor.value("crossover_index", o.crossover_index);
  visitor.value("mutation", o.mutation);
  visitor.value("mutation_probability", o.mutation_probability);
  visitor.value("mutation_deviation", o.mutation_deviation);
  visitor.value("mutation_index", o.mutation_index);
}
/// The table of a MethodSettings, const or not; of bptt there is nothing to say.
template <class Settings, class Visitor>
void visit_method(Settings& s, Visitor& visitor) {
  const bool evolution = is_evolution(s.name), kalman = s.name == Method::kalman,
             evolino = s.name == Method::evolino;
  if (!visitor.wants(s.name != Method::bptt)) return;
  visitor.table("method");
  visitor.value("name", s.name);
  if (visitor.wants(kalman)) visitor.value("grouping", s.kalman.grouping);
  if (visitor.wants(kalman)) visitor.value("kalman_update", s.kalman.update);
  if (visitor.wants(kalman)) visitor.value("truncate", s.kalman.truncate);
  if (visitor.wants(kalman)) visitor.value("variance", s.kalman.variance);
  if (visitor.wants(kalman)) visitor.value("measurement_noise", s.kalman.measurement_noise);
  if (visitor.wants(kalman)) visitor.value("final_measurement_noise", s.kalman.final_measurement_noise);
  if (visitor.wants(kalman)) visitor.value("process_noise", s.kalman.process_noise);
  if (visitor.wants(kalman)) visitor.value("final_process_noise", s.kalman.final_process_noise);
  if (visitor.wants(kalman)) visitor.value("annealing", s.kalman.annealing);
  if (visitor.wants(!evolution && !kalman && !evolino)) visitor.value("update", s.update);
  if (visitor.wants(evolution || evolino)) visitor.value("members", s.members);
  if (visitor.wants(evolino)) visitor.value("trials", s.evolino.subpopulations.trials);
  if (visitor.wants(evolino)) visitor.value("range", s.evolino.subpopulations.range);
  if (visitor.wants(evolino)) visitor.value("noise", s.evolino.subpopulations.mutation);
  if (visitor.wants(evolino)) visitor.value("stagnation", s.evolino.stagnation);
  if (visitor.wants(evolino)) visitor.value("ridge", s.ridge);
  if (visitor.wants(evolution)) visitor.value("deviation", s.deviation);
  if (visitor.wants(evolution && s.name != Method::evolution_strategy)) visitor.value("bound", s.bound);
  if (visitor.wants(s.name == Method::genetic)) visit_genetic(s.genetic, visitor);
}

/// Calls table(name), then value(name, setting) for each of its settings, table by table. Settings:
/// ForecastSettings, const or not.
template <class Settings, class Visitor>
requires std::same_as<std::remove_const_t<Settings>, ForecastSettings>
void visit_settings(Settings& s, Visitor& visitor) {
  visitor.table("data");
  visitor.value("path", s.data);
  visitor.value("checksum", s.checksum);
  visitor.value("test_data", s.test_data);
  visitor.value("test_checksum", s.test_checksum);
  visitor.value("form", s.form);
  visitor.value("targets", s.targets);
  visitor.value("past", s.past);
  visitor.value("known", s.known);
  visitor.value("id", s.id);
  visitor.value("static", s.statics);
  visitor.value("static_data", s.static_data);
  visitor.value("static_checksum", s.static_checksum);
  visitor.value("time", s.time);
  visitor.value("date_order", s.date_order);
  visitor.value("missing", s.missing);
  visitor.value("split", s.split);
  visitor.value("season", s.season);

  visitor.table("forecast");
  visitor.value("horizon", s.horizon);
  visitor.value("context", s.context);
  visitor.value("lags", s.lags);
  visitor.value("mode", s.mode);
  visitor.value("calendar", s.calendar);
  visitor.value("scaling", s.scaling);
  visitor.value("transform", s.transform);
  visitor.value("anchor", s.anchor);

  visitor.table("network");
  visitor.layers("layers", s.layers);
  if (visitor.wants(!s.layers)) {  // they make the layers where those are not given
    visitor.value("hidden", s.hidden);
    visitor.value("dropout", s.dropout);
  }

  visitor.table("training");
  visitor.value("loss", s.loss);
  visitor.value("quantiles", s.loss_options.quantiles);
  visitor.value("delta", s.loss_options.delta);
  visitor.value("components", s.loss_options.components);
  visit_training(s.training, visitor);
  visitor.value("validation_windows", s.validation_windows);

  visitor.table("evaluation");
  visitor.value("test_windows", s.test_windows);
  visitor.value("origins", s.origins);
  visitor.value("stride", s.stride);

  visit_method(s.training.method, visitor);
}

/// The same of a GenerateSettings.
template <class Settings, class Visitor>
requires std::same_as<std::remove_const_t<Settings>, GenerateSettings>
void visit_settings(Settings& s, Visitor& visitor) {
  visitor.table("data");
  visitor.value("path", s.data);
  visitor.value("checksum", s.checksum);
  if (visitor.wants(!s.music())) visitor.value("invalid", s.invalid);
  if (visitor.wants(s.music())) visitor.value("skip_bad", s.skip_bad);
  visitor.value("split", s.split);

  visitor.table("generate");
  visitor.value("unit", s.unit);
  if (visitor.wants(!s.music())) visitor.value("vocabulary", s.vocabulary);
  visitor.value("chunk", s.chunk);
  if (visitor.wants(s.music())) {
    visitor.value("keys", s.keys);
    visitor.value("steps_per_beat", s.steps_per_beat);
    visitor.value("transpose", s.transpose);
  }

  visitor.table("network");
  visitor.layers("layers", s.layers);
  if (visitor.wants(!s.music())) visitor.value("embedding", s.embedding);
  if (visitor.wants(!s.layers)) {
    visitor.value("hidden", s.hidden);
    visitor.value("dropout", s.dropout);
  }

  visitor.table("training");
  visit_training(s.training, visitor);

  visit_method(s.training.method, visitor);
}

/// Those of a SpectrumOptions, const or not, inside the table that the visitor is at.
template <class Options, class Visitor>
void visit_sound(Options& o, Visitor& visitor) {
  visitor.value("audio", o.kind);
  visitor.value("rate", o.rate);
  visitor.value("channel", o.channel);
  visitor.value("window_ms", o.window_ms);
  visitor.value("hop_ms", o.hop_ms);
  visitor.value("mels", o.mels);
  visitor.value("coefficients", o.coefficients);
  visitor.value("deltas", o.deltas);
}
/// The same of a ClassifySettings, LabelSettings or TranscribeSettings.
template <class Settings, class Visitor>
requires std::derived_from<std::remove_const_t<Settings>, SequenceSettings>
void visit_settings(Settings& s, Visitor& visitor) {
  visitor.table("data");
  visitor.value("path", s.data);
  visitor.value("test", s.test);
  visitor.value("checksum", s.checksum);
  visitor.value("format", s.format);
  visitor.value("target", s.target);
  visitor.value("id", s.id);
  visitor.value("width", s.width);
  visitor.value("steps", s.image);
  visitor.value("skip_bad", s.skip_bad);
  visitor.value("split", s.split);
  visitor.value("scaling", s.scaling);
  visit_sound(s.audio, visitor);
  visitor.value("pen", s.pen);
  visitor.value("steps_per_beat", s.steps_per_beat);

  visitor.table("augmentation");
  visitor.value("noise", s.noise);
  visitor.value("time_mask", s.time_mask);
  visitor.value("frequency_mask", s.frequency_mask);

  if constexpr (std::same_as<std::remove_const_t<Settings>, TranscribeSettings>) {
    visitor.table("transcribe");
    visitor.value("method", s.method);
    visitor.value("unit", s.unit);
    visitor.value("join", s.join);
    visitor.value("keywords", s.keywords);
  }

  visitor.table("network");
  visitor.layers("layers", s.layers);
  if constexpr (std::same_as<std::remove_const_t<Settings>, TranscribeSettings>)
    visitor.layers("prediction", s.prediction);
  visitor.value("embedding", s.embedding);
  if (visitor.wants(!s.layers)) {
    visitor.value("hidden", s.hidden);
    visitor.value("depth", s.depth);
    visitor.value("dropout", s.dropout);
  }

  visitor.table("training");
  visitor.value("pretrained", s.pretrained);
  visitor.value("pretrained_checksum", s.pretrained_checksum);
  visit_training(s.training, visitor);
  if constexpr (!std::same_as<std::remove_const_t<Settings>, TranscribeSettings>) {
    visitor.value("label_smoothing", s.label_smoothing);
    visitor.value("class_weights", s.class_weights);
    visitor.table("evaluation");
    visitor.value("hidden_markov", s.hidden_markov);
  }

  visit_method(s.training.method, visitor);
}

/// The same of a TranslateSettings.
template <class Settings, class Visitor>
requires std::same_as<std::remove_const_t<Settings>, TranslateSettings>
void visit_settings(Settings& s, Visitor& visitor) {
  visitor.table("data");
  visitor.value("path", s.data);
  visitor.value("checksum", s.checksum);
  visitor.value("target_file", s.target_file);
  visitor.value("target_checksum", s.target_checksum);
  visitor.value("invalid", s.invalid);
  visitor.value("skip_bad", s.skip_bad);
  visitor.value("split", s.split);
  visitor.value("split_order", s.split_order);

  visitor.table("translate");
  visitor.value("source_unit", s.source_unit);
  visitor.value("target_unit", s.target_unit);
  visitor.value("vocabulary", s.vocabulary);
  visitor.value("beam", s.beam);
  visitor.value("longest", s.longest);

  visitor.table("network");
  visitor.layers("encoder", s.encoder);
  visitor.layers("decoder", s.decoder);
  visitor.value("attention", s.attention);
  if (visitor.wants(s.attention_width > 0)) visitor.value("attention_width", s.attention_width);
  visitor.value("bridge", s.bridge);
  visitor.value("embedding", s.embedding);
  if (visitor.wants(!s.encoder || !s.decoder)) {
    visitor.value("hidden", s.hidden);
    visitor.value("dropout", s.dropout);
  }

  visitor.table("training");
  visitor.value("sampling", s.sampling);
  visit_training(s.training, visitor);
}

/// The same of a DetectSettings.
template <class Settings, class Visitor>
requires std::same_as<std::remove_const_t<Settings>, DetectSettings>
void visit_settings(Settings& s, Visitor& visitor) {
  const bool forecasts = s.method == DetectMethod::residual;
  visitor.table("data");
  visitor.value("path", s.series.data);
  visitor.value("checksum", s.series.checksum);
  visitor.value("targets", s.series.targets);
  visitor.value("past", s.series.past);
  visitor.value("time", s.series.time);
  visitor.value("date_order", s.series.date_order);
  visitor.value("missing", s.series.missing);
  visitor.value("split", s.series.split);
  visitor.value("season", s.series.season);

  visitor.table("detect");
  visitor.value("method", s.method);
  visitor.value("context", s.series.context);
  visitor.value("scaling", s.series.scaling);
  visitor.value("transform", s.series.transform);
  if (visitor.wants(forecasts)) {
    visitor.value("horizon", s.horizon);
    visitor.value("lags", s.series.lags);
    visitor.value("calendar", s.series.calendar);
    visitor.value("anchor", s.series.anchor);
  }
  visitor.value("long", s.long_rows);
  visitor.value("short", s.short_rows);
  visitor.value("threshold", s.threshold);
  visitor.value("gap", s.gap);

  visitor.table("network");
  visitor.layers("layers", s.series.layers);
  if (visitor.wants(!s.series.layers)) {
    visitor.value("hidden", s.series.hidden);
    visitor.value("dropout", s.series.dropout);
  }

  visitor.table("training");
  visitor.value("loss", s.loss);
  visitor.value("delta", s.series.loss_options.delta);
  visit_training(s.series.training, visitor);
  visitor.value("validation_windows", s.series.validation_windows);

  visitor.table("evaluation");
  visitor.value("labels", s.labels);

  visit_method(s.series.training.method, visitor);
}

/// Those of a policy gradient, const or not, inside the table that the visitor is at.
template <class Options, class Visitor>
void visit_policy_gradient(Options& o, Visitor& visitor) {
  visitor.value("algorithm", o.algorithm);
  visitor.value("rows", o.rows);
  visitor.value("steps", o.steps);
  visitor.value("discount", o.discount);
  visitor.value("lambda", o.lambda);
  visitor.value("value_weight", o.loss.value_weight);
  visitor.value("entropy_weight", o.loss.entropy_weight);
  visitor.value("clip", o.loss.clip);
  visitor.value("passes", o.passes);
  visitor.value("minibatches", o.minibatches);
  visitor.value("normalise_advantages", o.normalise_advantages);
  visitor.value("act_deviation", o.deviation);
  visitor.value("rollouts", o.rollouts);
}

/// The same of a ControlSettings.
template <class Settings, class Visitor>
requires std::same_as<std::remove_const_t<Settings>, ControlSettings>
void visit_settings(Settings& s, Visitor& visitor) {
  visitor.table("control");
  visitor.value("environment", s.environment);
  visitor.value("episodes", s.episodes);
  visitor.value("test_episodes", s.test_episodes);
  visitor.value("target", s.target);

  visitor.table("network");
  visitor.layers("layers", s.layers);
  if (visitor.wants(!s.layers)) visitor.value("hidden", s.hidden);

  const bool evolution = is_evolution(s.method), strategy = s.method == ControlMethod::evolution_strategy,
             genetic = s.method == ControlMethod::genetic;
  visitor.table("method");
  visitor.value("name", s.method);
  if (visitor.wants(evolution)) visitor.value("members", s.members);
  if (visitor.wants(evolution)) visitor.value("deviation", s.deviation);
  if (visitor.wants(evolution && !strategy)) visitor.value("bound", s.bound);
  if (visitor.wants(genetic)) visit_genetic(s.genetic, visitor);
  if (visitor.wants(!evolution)) visit_policy_gradient(s.gradient, visitor);

  visitor.table("training");
  visitor.value("epochs", s.training.epochs);
  if (visitor.wants(strategy || !evolution)) visit_update_rule(s.training, visitor);
  if (visitor.wants(!evolution)) visitor.value("clip_norm", s.training.clip_norm);
  visitor.value("time_limit", s.training.time_limit_seconds);
  visitor.value("seed", s.training.seed);
}

}  // namespace carousel
