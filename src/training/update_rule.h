// The optimizer and the schedule of a run as a checkpoint holds them.
#pragma once

#include "training/checkpoint.h"
#include "training/optimizer.h"
#include "training/schedule.h"

namespace carousel {

/// What epochs have changed of a schedule: numbers "schedule.N".
template <class T>
void put_schedule(Checkpoint<T>& checkpoint, Schedule& schedule);
/// The inverse. Throws ModelError, and has changed nothing, where one is missing.
template <class T>
void take_schedule(const Checkpoint<T>& checkpoint, Schedule& schedule);

/// Puts all that the next update depends on: vectors "optimizer.NAME", numbers "optimizer.steps",
/// "schedule.N".
template <class T>
void put_update_rule(Checkpoint<T>& checkpoint, Optimizer<T>& optimizer, Schedule& schedule);
/// The inverse. Throws ModelError, and has changed nothing, where a part is missing or of another size.
template <class T>
void take_update_rule(const Checkpoint<T>& checkpoint, Optimizer<T>& optimizer, Schedule& schedule);

}  // namespace carousel
