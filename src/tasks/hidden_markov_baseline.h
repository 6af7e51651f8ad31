// Hidden Markov models as a baseline of classify and label: what LSTM networks were first compared with.
#pragma once

#include "base/thread_pool.h"
#include "tasks/class_evaluation.h"

namespace carousel {

/// Throws SettingError where settings.hidden_markov asks for more than 1 GiB.
void check_hidden_markov(const SequenceCoding& coding);

/// Fitted to the training part by Baum-Welch (tasks/hidden_markov/baum_welch.h), settings.hidden_markov > 0
/// states a class, whatever the seed of training; `tell` is called after each model:
///   classify  a model for each class; the likeliest one counting how frequent the class is
///   label     one model, each label's states its own, which labelled steps are held to in training; the
///   label
///             whose states are the likeliest at a step, the whole sequence known
ClassScore hidden_markov_baseline(const SequenceCoding& coding, const SequencePart& train,
                                  const SequencePart& test, ThreadPool& pool, const TellWork& tell);

}  // namespace carousel
